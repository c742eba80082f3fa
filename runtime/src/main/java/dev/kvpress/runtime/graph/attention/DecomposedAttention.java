package dev.kvpress.runtime.graph.attention;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.OwnGraph;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Attention out of standard operators, in four dimensions: queries of one group are stacked to
 * {@code [B,G,g*Q,D]}, so that keys and values are never repeated.
 *
 * <p>Scores against the past take {@code cache_bias}, those against the new tokens a causal mask
 * that is the same for every layer; a layer's past length therefore never enters a mask, and every
 * layer may have its own. Windows and ALiBi go by {@code cache_positions}, where the cached tokens
 * stood in the text, and not by their place in the cache.
 */
public final class DecomposedAttention implements AttentionBlock {
  private static final int FLOAT = 1;
  private static final int BOOL = 9;
  private static final int BFLOAT16 = 16;
  private static final List<AttributeProto> HEADS_FIRST = List.of(attribute("perm", 0, 2, 1, 3));

  private final GraphBuilder graph;

  /** Writes into a graph that has the inputs attention_mask and position_ids. */
  public DecomposedAttention(GraphBuilder graph) {
    this.graph = graph;
  }

  @Override
  public void prepare() {
    String count =
        graph.op(
            "Slice",
            "pass.query_count",
            OwnGraph.BATCH_AND_QUERIES,
            graph.longs(1),
            graph.longs(2));
    String start = graph.op("Neg", "pass.mask_start", count);
    String newMask =
        graph.op(
            "Slice",
            "pass.mask_of_new",
            "attention_mask",
            start,
            graph.longs(Long.MAX_VALUE),
            graph.longs(1));
    String valid = graph.op("Unsqueeze", "pass.valid", newMask, graph.longs(1, 2));
    graph.op("Cast", OwnGraph.VALID_QUERIES, List.of(attribute("to", FLOAT)), valid);
    String validKeys = graph.op("Cast", "pass.valid_keys", List.of(attribute("to", BOOL)), valid);

    String countScalar = graph.op("Squeeze", "pass.query_count_scalar", count);
    String key =
        graph.op("Range", "pass.new_index", graph.longScalar(0), countScalar, graph.longScalar(1));
    String query = graph.op("Unsqueeze", "pass.new_index_column", key, graph.longs(1));
    String causal = graph.op("LessOrEqual", "pass.causal", key, query);
    graph.op("And", "pass.visible", causal, validKeys);
  }

  @Override
  public String layer(
      int layer,
      AttentionShape shape,
      String queries,
      String keys,
      String values,
      @Nullable String sinks) {
    String stacked = stackQueries(layer, shape, queries);
    String newKeys = graph.op("Transpose", value(layer, "new_keys"), HEADS_FIRST, keys);
    String newValues = graph.op("Transpose", value(layer, "new_values"), HEADS_FIRST, values);

    String past = "past_" + layer;
    long g = shape.kvHeads();
    long d = shape.headSize();
    String pastKey =
        graph.input("past_key_values." + layer + ".key", ElementType.FLOAT32, "batch", g, past, d);
    String pastValue =
        graph.input(
            "past_key_values." + layer + ".value", ElementType.FLOAT32, "batch", g, past, d);
    String bias =
        graph.input(OwnGraph.CACHE_BIAS + layer, ElementType.FLOAT32, "batch", g, 1, past);

    String pastScores = scores(OwnGraph.pastScores(layer), shape, stacked, pastKey);
    String biased = graph.op("Add", OwnGraph.biasedPastScores(layer), pastScores, bias);
    if (shape.needsPositions()) {
      biased = byPosition(layer, shape, biased);
    }
    String newScores = scores(value(layer, "new_scores"), shape, stacked, newKeys);
    String masked = graph.op("Add", value(layer, "new_scores_masked"), newScores, maskOfNew(shape));
    if (!shape.alibiSlopes().isEmpty()) {
      masked = graph.op("Add", value(layer, "new_scores_alibi"), masked, alibiOfNew(shape));
    }
    String probabilities = softmax(layer, shape, stacked, biased, masked, sinks);
    present(layer, shape, "key", pastKey, newKeys);
    String presentValue = present(layer, shape, "value", pastValue, newValues);
    String context = graph.op("MatMul", OwnGraph.context(layer), probabilities, presentValue);
    String perHead =
        graph.op(
            "Reshape",
            value(layer, "context_heads"),
            context,
            graph.longs(0, shape.heads(), -1, shape.headSize()));
    String tokensFirst =
        graph.op("Transpose", value(layer, "context_tokens"), HEADS_FIRST, perHead);
    return graph.op(
        "Reshape",
        value(layer, "context_flat"),
        tokensFirst,
        graph.longs(-1, (long) shape.heads() * shape.headSize()));
  }

  private String stackQueries(int layer, AttentionShape shape, String queries) {
    String scaled =
        graph.op(
            "Mul",
            value(layer, "queries_scaled"),
            queries,
            graph.floatScalar((float) shape.scale()));
    String headsFirst = graph.op("Transpose", value(layer, "queries_heads"), HEADS_FIRST, scaled);
    // Heads of a group are neighbours, so that this is a view and no copy.
    return graph.op(
        "Reshape",
        value(layer, "queries_stacked"),
        headsFirst,
        graph.longs(0, shape.kvHeads(), -1, shape.headSize()));
  }

  private String scores(String name, AttentionShape shape, String queries, String keys) {
    String transposed =
        graph.op("Transpose", name + ".keys", List.of(attribute("perm", 0, 1, 3, 2)), keys);
    if (shape.softcap() == 0) {
      return graph.op("MatMul", name, queries, transposed);
    }
    String cap = graph.floatScalar((float) shape.softcap());
    String raw = graph.op("MatMul", name + ".uncapped", queries, transposed);
    String divided = graph.op("Div", name + ".divided", raw, cap);
    String bent = graph.op("Tanh", name + ".bent", divided);
    return graph.op("Mul", name, bent, cap);
  }

  private String softmax(
      int layer,
      AttentionShape shape,
      String stacked,
      String past,
      String fresh,
      @Nullable String sinks) {
    List<AttributeProto> last = List.of(attribute("axis", -1));
    String probabilities = OwnGraph.probabilities(layer);
    if (sinks == null) {
      String all = graph.op("Concat", value(layer, "scores"), last, past, fresh);
      return graph.op("Softmax", probabilities, last, all);
    }
    String column = sinkColumn(layer, shape, stacked, sinks);
    String all = graph.op("Concat", value(layer, "scores"), last, past, fresh, column);
    String withSink = graph.op("Softmax", value(layer, "probabilities_with_sink"), last, all);
    return graph.op(
        "Slice", probabilities, withSink, graph.longs(0), graph.longs(-1), graph.longs(3));
  }

  /** The learned score of each head as one more column, {@code [B,G,g*Q,1]}. */
  private String sinkColumn(int layer, AttentionShape shape, String stacked, String sinks) {
    String name = value(layer, "sinks");
    String perHead =
        graph.op(
            "Reshape",
            name + ".heads",
            sinks,
            graph.longs(1, shape.kvHeads(), shape.groupSize(), 1));
    String perQueryShape = "pass.one_per_query";
    if (graph.declare(perQueryShape)) {
      graph.op(
          "Concat",
          perQueryShape,
          List.of(attribute("axis", 0)),
          graph.longs(1, 1, 1),
          "pass.query_count");
    }
    String perQuery = graph.op("Expand", name + ".queries", perHead, perQueryShape);
    String stackedSinks =
        graph.op("Reshape", name + ".stacked", perQuery, graph.longs(1, shape.kvHeads(), -1, 1));
    String sizes = graph.op("Shape", name + ".sizes", stacked);
    String outer = graph.op("Slice", name + ".outer", sizes, graph.longs(0), graph.longs(3));
    String full =
        graph.op("Concat", name + ".shape", List.of(attribute("axis", 0)), outer, graph.longs(1));
    return graph.op("Expand", name, stackedSinks, full);
  }

  /** Adds what follows from the true positions of cached tokens to the scores against them. */
  private String byPosition(int layer, AttentionShape shape, String scores) {
    String input =
        graph.input(
            OwnGraph.CACHE_POSITIONS + layer,
            ElementType.INT64,
            "batch",
            "position_heads",
            "past_" + layer);
    // [B, G or 1, 1, P]
    String keys = graph.op("Unsqueeze", value(layer, "past_positions"), input, graph.longs(2));
    String result = scores;
    if (shape.window() > 0) {
      // [B, G or 1, Q, P]
      String visible =
          graph.op("Greater", value(layer, "past_in_window"), keys, windowStart(shape.window()));
      String mask = graph.op("Where", value(layer, "past_window"), visible, zero(), masked());
      String perGroup = repeated(shape, value(layer, "past_window_stacked"), j -> mask);
      result = graph.op("Add", value(layer, "past_scores_windowed"), result, perGroup);
    }
    if (!shape.alibiSlopes().isEmpty()) {
      // [B, G or 1, Q, P]
      String places =
          shape.alibiBias() == AlibiBias.OF_DISTANCE
              ? graph.op("Sub", value(layer, "past_distance"), keys, queryPositions())
              : graph.op("Add", value(layer, "past_places"), keys, zeroPerQuery());
      String bias = alibi(shape, value(layer, "past_alibi"), places);
      result = graph.op("Add", value(layer, "past_scores_alibi"), result, bias);
    }
    return result;
  }

  /** int64 {@code [B,1,Q,1]}: where the new tokens stand. */
  private String queryPositions() {
    String name = "pass.query_positions";
    if (graph.declare(name)) {
      graph.op("Unsqueeze", name, "position_ids", graph.longs(1, 3));
    }
    return name;
  }

  /** int64 {@code [B,1,Q,1]}: the last position that is outside the window of each query. */
  private String windowStart(int window) {
    String name = "pass.window_start_" + window;
    if (graph.declare(name)) {
      graph.op("Sub", name, queryPositions(), graph.longScalar(window));
    }
    return name;
  }

  /** {@code [B,1,g*Q,Q]}: which of the new tokens a new token sees. */
  private String maskOfNew(AttentionShape shape) {
    String suffix = shape.window() == 0 ? "" : "_window_" + shape.window();
    String name = "pass.new_mask" + suffix;
    if (!graph.declare(name)) {
      return name;
    }
    String visible = "pass.visible";
    if (shape.window() > 0) {
      // New tokens stand side by side, so that their places say how far apart they are.
      String start =
          graph.op(
              "Sub", name + ".start", "pass.new_index_column", graph.longScalar(shape.window()));
      String inside = graph.op("Greater", name + ".inside", "pass.new_index", start);
      visible = graph.op("And", name + ".visible", visible, inside);
    }
    String one = graph.op("Where", name + ".of_head", visible, zero(), masked());
    String[] perHead = Collections.nCopies(shape.groupSize(), one).toArray(new String[0]);
    return graph.op("Concat", name, List.of(attribute("axis", 2)), perHead);
  }

  /** {@code [1 or B,G,g*Q,Q]}: what ALiBi adds to scores among the new tokens. */
  private String alibiOfNew(AttentionShape shape) {
    String name = "pass.new_alibi";
    if (graph.declare(name)) {
      // New tokens stand side by side, so that their places say how far apart they are.
      String places =
          shape.alibiBias() == AlibiBias.OF_DISTANCE
              ? graph.op("Sub", name + ".distance", "pass.new_index", "pass.new_index_column")
              : graph.op("Add", name + ".places", newPositions(), zeroPerQuery());
      alibi(shape, name, places);
    }
    return name;
  }

  /** int64 {@code [B,1,1,Q]}: where the new tokens stand, as keys. */
  private String newPositions() {
    return graph.op("Unsqueeze", "pass.new_positions", "position_ids", graph.longs(1, 2));
  }

  /** int64 {@code [B,1,Q,1]} of zeros. */
  private String zeroPerQuery() {
    String name = "pass.zero_per_query";
    if (graph.declare(name)) {
      graph.op("Mul", name, queryPositions(), graph.longScalar(0));
    }
    return name;
  }

  /** Bias of each head for int64 {@code [.., 1 or G, Q, K]} distances or positions, stacked. */
  private String alibi(AttentionShape shape, String name, String places) {
    String floats =
        graph.op("Cast", name + ".places_float", List.of(attribute("to", FLOAT)), places);
    return repeated(
        shape,
        name,
        j -> {
          String slopes = "alibi.slopes_" + j;
          if (graph.declare(slopes)) {
            String flat = graph.floats("alibi.slopes_of_" + j, slopes(shape, j));
            graph.op("Reshape", slopes, flat, graph.longs(1, shape.kvHeads(), 1, 1));
          }
          String product = graph.op("Mul", name + "." + j, floats, slopes);
          return shape.alibiBias() == AlibiBias.OF_DISTANCE ? product : rounded(shape, product);
        });
  }

  private String rounded(AttentionShape shape, String product) {
    String small =
        graph.op("Cast", product + ".rounded", List.of(attribute("to", BFLOAT16)), product);
    String wide = graph.op("Cast", product + ".wide", List.of(attribute("to", FLOAT)), small);
    return graph.op("Mul", product + ".scaled", wide, graph.floatScalar((float) shape.scale()));
  }

  private static float[] slopes(AttentionShape shape, int inGroup) {
    float[] slopes = new float[shape.kvHeads()];
    for (int g = 0; g < slopes.length; g++) {
      slopes[g] = shape.alibiSlopes().get(g * shape.groupSize() + inGroup);
    }
    return slopes;
  }

  /** Stacks one value for each query head of a group, as queries are stacked. */
  private String repeated(AttentionShape shape, String name, IntFunction<String> ofHead) {
    String[] parts = IntStream.range(0, shape.groupSize()).mapToObj(ofHead).toArray(String[]::new);
    return graph.op("Concat", name, List.of(attribute("axis", 2)), parts);
  }

  private String zero() {
    return graph.floatScalar(0);
  }

  private String masked() {
    return graph.floatScalar(OwnGraph.MASKED);
  }

  private String present(int layer, AttentionShape shape, String kind, String past, String fresh) {
    String name = "present." + layer + "." + kind;
    graph.output(
        name, ElementType.FLOAT32, "batch", shape.kvHeads(), "present_" + layer, shape.headSize());
    return graph.op("Concat", name, List.of(attribute("axis", 2)), past, fresh);
  }

  private static String value(int layer, String name) {
    return OwnGraph.value(layer, "attention." + name);
  }
}
