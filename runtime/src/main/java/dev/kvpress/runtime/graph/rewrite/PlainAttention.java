package dev.kvpress.runtime.graph.rewrite;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.List;

/**
 * Writes attention in standard operators, in 32 bits: queries of one group are stacked to {@code
 * [B,G,g*Q,D]}, so that keys and values are never repeated; masks see {@code [B,H,Q,T]}.
 */
final class PlainAttention {
  private static final List<AttributeProto> LAST = List.of(attribute("axis", -1));
  private static final List<AttributeProto> FIRST = List.of(attribute("axis", 0));
  static final List<AttributeProto> HEADS_FIRST = List.of(attribute("perm", 0, 2, 1, 3));

  private final GraphBuilder graph;

  PlainAttention(GraphBuilder graph) {
    this.graph = graph;
  }

  /** Writes the nodes that give the context, and the attention where it is wanted. */
  void write(AttentionParts parts) {
    String name = parts.context() + ".plain.";
    String keys = widened(name + "keys", parts.keys(), parts.type());
    String values = widened(name + "values", parts.values(), parts.type());
    String sizes = graph.op("Shape", name + "key_sizes", keys);
    String outer = slice(name + "batch_and_heads", sizes, 0, 2);
    String inner = slice(name + "head_size", sizes, 3, 4);
    String grouped = graph.op("Concat", name + "grouped", FIRST, outer, graph.longs(-1), inner);
    String querySizes = graph.op("Shape", name + "query_sizes", parts.queries());
    String perHead = slice(name + "per_head", querySizes, 0, 3);
    String spread = graph.op("Concat", name + "spread", FIRST, perHead, graph.longs(-1));

    String scaled =
        graph.op(
            "Mul",
            name + "queries_scaled",
            parts.queries(),
            graph.floatScalar((float) parts.scale()));
    String stacked = graph.op("Reshape", name + "queries", scaled, grouped);
    String turned =
        graph.op("Transpose", name + "keys_turned", List.of(attribute("perm", 0, 1, 3, 2)), keys);
    String product = graph.op("MatMul", name + "product", stacked, turned);
    String scores = graph.op("Reshape", name + "scores", product, spread);
    scores = masked(name, capped(name, scores, parts.softcap()), parts.masks());
    String attention = softmax(name, scores, perHead, parts);
    String stackedShape = graph.op("Shape", name + "product_sizes", product);
    String regrouped = graph.op("Reshape", name + "attention_stacked", attention, stackedShape);
    String context = graph.op("MatMul", name + "context", regrouped, values);
    String heads = graph.op("Reshape", name + "context_heads", context, spread);
    if (parts.flat()) {
      String tokens = graph.op("Transpose", name + "context_tokens", HEADS_FIRST, heads);
      heads = graph.op("Reshape", name + "context_flat", tokens, graph.longs(0, 0, -1));
    }
    narrowed(parts.context(), heads, parts.type());
    if (parts.attention().isPresent()) {
      narrowed(parts.attention().get(), attention, parts.type());
    }
  }

  private String capped(String name, String scores, double cap) {
    if (cap == 0) {
      return scores;
    }
    String number = graph.floatScalar((float) cap);
    String divided = graph.op("Div", name + "divided", scores, number);
    String bent = graph.op("Tanh", name + "bent", divided);
    return graph.op("Mul", name + "capped", bent, number);
  }

  private String masked(String name, String scores, List<String> masks) {
    String result = scores;
    for (int i = 0; i < masks.size(); i++) {
      result = graph.op("Add", name + "masked." + i, result, masks.get(i));
    }
    return result;
  }

  private String softmax(String name, String scores, String perHead, AttentionParts parts) {
    if (parts.sinks().isEmpty()) {
      return graph.op("Softmax", name + "attention", LAST, scores);
    }
    String sinks =
        graph.op("Reshape", name + "sinks", parts.sinks().get(), graph.longs(1, -1, 1, 1));
    String shape = graph.op("Concat", name + "sinks_shape", FIRST, perHead, graph.longs(1));
    String column = graph.op("Expand", name + "sink_column", sinks, shape);
    String all = graph.op("Concat", name + "scores_and_sink", LAST, scores, column);
    String wide = graph.op("Softmax", name + "attention_and_sink", LAST, all);
    return graph.op(
        "Slice", name + "attention", wide, graph.longs(0), graph.longs(-1), graph.longs(3));
  }

  private String slice(String name, String value, long from, long to) {
    return graph.op("Slice", name, value, graph.longs(from), graph.longs(to));
  }

  private String widened(String name, String value, ElementType type) {
    return type == ElementType.FLOAT32
        ? value
        : graph.op("Cast", name, to(ElementType.FLOAT32), value);
  }

  private void narrowed(String name, String value, ElementType type) {
    if (type == ElementType.FLOAT32) {
      graph.op("Identity", name, value);
    } else {
      graph.op("Cast", name, to(type), value);
    }
  }

  static List<AttributeProto> to(ElementType type) {
    return List.of(attribute("to", type.onnxNumber()));
  }
}
