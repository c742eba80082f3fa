package dev.kvpress.runtime.graph.attention;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.OwnGraph;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attention as one GroupQueryAttention operator of ONNX Runtime, which appends to a buffer in place
 * where past and present are the same memory.
 *
 * <p>The operator's own rotary embedding would take positions from the cache length, which are
 * wrong after an eviction; rotation therefore stays outside. How far the buffer of a layer is
 * filled is an input of its own, since buffer lengths say nothing about it.
 *
 * <p>The operator takes a batch of several rows only without a cache or with one new token per row
 * (its own check); there is no attention_mask, every new token is valid. A window counts places in
 * the cache, which are positions as long as nothing has been removed; whoever runs the graph sees
 * to that. Heads of different length take another form of the same graph, {@link
 * dev.kvpress.runtime.graph.HeadRows}.
 */
public final class FusedAttention implements AttentionBlock {
  private static final int INT32 = 6;
  private static final String QUERY_COUNT = "pass.query_count_int32";

  private final GraphBuilder graph;

  /** Writes into a graph of which every layer is {@link AttentionShape#fusable}. */
  public FusedAttention(GraphBuilder graph) {
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
    String small = graph.op("Cast", QUERY_COUNT, List.of(attribute("to", INT32)), count);
    graph.op("Sub", "pass.query_count_less_one", small, graph.int32(1));
  }

  @Override
  public String layer(
      int layer,
      AttentionShape shape,
      String queries,
      String keys,
      String values,
      @Nullable String sinks) {
    String past = "past_" + layer;
    long g = shape.kvHeads();
    long d = shape.headSize();
    String pastKey =
        graph.input("past_key_values." + layer + ".key", ElementType.FLOAT32, "batch", g, past, d);
    String pastValue =
        graph.input(
            "past_key_values." + layer + ".value", ElementType.FLOAT32, "batch", g, past, d);
    String length = graph.input(OwnGraph.CACHE_LENGTH + layer, ElementType.INT32, "batch");

    String lastIndex =
        graph.op("Add", value(layer, "last_index"), length, "pass.query_count_less_one");
    String longest =
        graph.op("ReduceMax", value(layer, "longest"), List.of(attribute("keepdims", 1)), length);
    String total = graph.op("Add", value(layer, "total_length"), longest, QUERY_COUNT);

    String presentKey = "present." + layer + ".key";
    String presentValue = "present." + layer + ".value";
    String context = value(layer, "context_tokens");
    graph.output(presentKey, ElementType.FLOAT32, "batch", g, "present_" + layer, d);
    graph.output(presentValue, ElementType.FLOAT32, "batch", g, "present_" + layer, d);
    List<String> inputs =
        new ArrayList<>(
            List.of(
                flatHeads(layer, "queries_flat", queries),
                flatHeads(layer, "keys_flat", keys),
                flatHeads(layer, "values_flat", values),
                pastKey,
                pastValue,
                lastIndex,
                total));
    if (sinks != null) {
      // Between them: rotary tables, positions and bias, all outside here.
      inputs.addAll(List.of("", "", "", "", sinks));
    }
    graph.add(
        GraphBuilder.CONTRIB,
        "GroupQueryAttention",
        attributes(shape),
        List.of(context, presentKey, presentValue),
        inputs);
    return graph.op(
        "Reshape",
        value(layer, "context_flat"),
        context,
        graph.longs(-1, (long) shape.heads() * shape.headSize()));
  }

  private static List<AttributeProto> attributes(AttentionShape shape) {
    List<AttributeProto> attributes =
        new ArrayList<>(
            List.of(
                attribute("num_heads", shape.heads()),
                attribute("kv_num_heads", shape.kvHeads()),
                attribute("scale", (float) shape.scale()),
                attribute("do_rotary", 0)));
    if (shape.softcap() > 0) {
      attributes.add(attribute("softcap", (float) shape.softcap()));
    }
    if (shape.window() > 0) {
      // Measured on 1.29: w means that a query sees w places, its own among them, as w does in
      // transformers (older versions of the operator saw one more).
      attributes.add(attribute("local_window_size", shape.window()));
    }
    return attributes;
  }

  private String flatHeads(int layer, String name, String heads) {
    return graph.op("Reshape", value(layer, name), heads, graph.longs(0, 0, -1));
  }

  private static String value(int layer, String name) {
    return OwnGraph.value(layer, "attention." + name);
  }
}
