package dev.kvpress.runtime.export;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.OwnGraph;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.Collections;
import java.util.List;

/**
 * Attention out of standard operators, in four dimensions: queries of one group are stacked to
 * {@code [B,G,g*Q,D]}, so that keys and values are never repeated.
 *
 * <p>Scores against the past take {@code cache_bias}, those against the new tokens a causal mask
 * that is the same for every layer; a layer's past length therefore never enters a mask, and every
 * layer may have its own.
 */
final class DecomposedAttention implements AttentionBlock {
  private static final String MASK = "pass.new_mask";
  private static final List<AttributeProto> HEADS_FIRST = List.of(attribute("perm", 0, 2, 1, 3));

  private final GraphBuilder graph;
  private final DecoderConfig config;

  DecomposedAttention(GraphBuilder graph, DecoderConfig config) {
    this.graph = graph;
    this.config = config;
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
    graph.op("Cast", OwnGraph.VALID_QUERIES, List.of(attribute("to", 1)), valid);
    String validKeys = graph.op("Cast", "pass.valid_keys", List.of(attribute("to", 9)), valid);

    String countScalar = graph.op("Squeeze", "pass.query_count_scalar", count);
    String key =
        graph.op("Range", "pass.new_index", graph.longScalar(0), countScalar, graph.longScalar(1));
    String query = graph.op("Unsqueeze", "pass.new_index_column", key, graph.longs(1));
    String causal = graph.op("LessOrEqual", "pass.causal", key, query);
    String visible = graph.op("And", "pass.visible", causal, validKeys);
    String one =
        graph.op(
            "Where",
            "pass.new_mask_of_head",
            visible,
            graph.floatScalar(0),
            graph.floatScalar(OwnGraph.MASKED));
    String[] perHead = Collections.nCopies(config.groupSize(), one).toArray(new String[0]);
    graph.op("Concat", MASK, List.of(attribute("axis", 2)), perHead);
  }

  @Override
  public String layer(int layer, String queries, String keys, String values) {
    String stacked = stackQueries(layer, queries);
    String newKeys = graph.op("Transpose", value(layer, "new_keys"), HEADS_FIRST, keys);
    String valueHeads =
        graph.op("Reshape", value(layer, "value_heads"), values, "pass.split_" + config.kvHeads());
    String newValues = graph.op("Transpose", value(layer, "new_values"), HEADS_FIRST, valueHeads);

    String past = "past_" + layer;
    long g = config.kvHeads();
    long d = config.headDim();
    String pastKey =
        graph.input("past_key_values." + layer + ".key", ElementType.FLOAT32, "batch", g, past, d);
    String pastValue =
        graph.input(
            "past_key_values." + layer + ".value", ElementType.FLOAT32, "batch", g, past, d);
    String bias =
        graph.input(OwnGraph.CACHE_BIAS + layer, ElementType.FLOAT32, "batch", g, 1, past);

    String pastScores = scores(OwnGraph.pastScores(layer), stacked, pastKey);
    String biased = graph.op("Add", OwnGraph.biasedPastScores(layer), pastScores, bias);
    String newScores = scores(value(layer, "new_scores"), stacked, newKeys);
    String masked = graph.op("Add", value(layer, "new_scores_masked"), newScores, MASK);
    String all =
        graph.op("Concat", value(layer, "scores"), List.of(attribute("axis", -1)), biased, masked);
    String probabilities =
        graph.op("Softmax", OwnGraph.probabilities(layer), List.of(attribute("axis", -1)), all);
    present(layer, "key", pastKey, newKeys);
    String presentValue = present(layer, "value", pastValue, newValues);
    String context = graph.op("MatMul", OwnGraph.context(layer), probabilities, presentValue);
    String perHead =
        graph.op(
            "Reshape",
            value(layer, "context_heads"),
            context,
            graph.longs(0, config.heads(), -1, config.headDim()));
    String tokensFirst =
        graph.op("Transpose", value(layer, "context_tokens"), HEADS_FIRST, perHead);
    return graph.op(
        "Reshape",
        value(layer, "context_flat"),
        tokensFirst,
        graph.longs(-1, (long) config.heads() * config.headDim()));
  }

  private String stackQueries(int layer, String queries) {
    float scale = (float) (1 / Math.sqrt(config.headDim()));
    String scaled =
        graph.op("Mul", value(layer, "queries_scaled"), queries, graph.floatScalar(scale));
    String headsFirst = graph.op("Transpose", value(layer, "queries_heads"), HEADS_FIRST, scaled);
    // Heads of a group are neighbours, so that this is a view and no copy.
    return graph.op(
        "Reshape",
        value(layer, "queries_stacked"),
        headsFirst,
        graph.longs(0, config.kvHeads(), -1, config.headDim()));
  }

  private String scores(String name, String queries, String keys) {
    String transposed =
        graph.op("Transpose", name + ".keys", List.of(attribute("perm", 0, 1, 3, 2)), keys);
    return graph.op("MatMul", name, queries, transposed);
  }

  private String present(int layer, String kind, String past, String fresh) {
    String name = "present." + layer + "." + kind;
    graph.output(
        name, ElementType.FLOAT32, "batch", config.kvHeads(), "present_" + layer, config.headDim());
    return graph.op("Concat", name, List.of(attribute("axis", 2)), past, fresh);
  }

  private static String value(int layer, String name) {
    return OwnGraph.value(layer, "attention." + name);
  }
}
