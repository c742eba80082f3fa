package dev.kvpress.runtime.graph;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.OperatorSetIdProto;
import java.util.List;
import java.util.Random;

/**
 * Small graphs as other exporters write them: Optimum names, one past length, attention over
 * [B,H,P+Q] with a mask; heads 2, head size 4, vocabulary 6, two layers.
 */
final class ForeignGraphs {
  static final int HEADS = 2;
  static final int SIZE = 4;
  static final int WIDTH = HEADS * SIZE;
  static final int VOCAB = 6;

  private final GraphBuilder graph = new GraphBuilder();
  private final Random random = new Random(7);

  private ForeignGraphs() {}

  /** Attention in plain sight. */
  static ModelProto withSoftmax() {
    return new ForeignGraphs().build(false, true);
  }

  /** Attention as an output. */
  static ModelProto emitting() {
    return new ForeignGraphs().build(true, true);
  }

  /** The cache grows, but nothing attends to it. */
  static ModelProto withoutAttention() {
    return new ForeignGraphs().build(false, false);
  }

  private ModelProto build(boolean emit, boolean attend) {
    graph.input("input_ids", ElementType.INT64, "batch", "seq");
    graph.input("attention_mask", ElementType.INT64, "batch", "total");
    String x = graph.op("Gather", "embedded", random("embedding", VOCAB, WIDTH), "input_ids");
    String mask = graph.op("Cast", "mask_float", List.of(attribute("to", 1)), "attention_mask");
    String minus = graph.op("Sub", "mask_minus", mask, graph.floatScalar(1));
    String large = graph.op("Mul", "mask_large", minus, graph.floatScalar(1e9f));
    graph.op("Unsqueeze", "mask_bias", large, graph.longs(1, 2));
    graph.output("logits", ElementType.FLOAT32, "batch", "seq", VOCAB);
    for (int l = 0; l < 2; l++) {
      x = layer(l, x, emit, attend);
    }
    graph.op("MatMul", "logits", x, random("head", WIDTH, VOCAB));
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
        .setGraph(graph.build("foreign"))
        .build();
  }

  private String layer(int l, String x, boolean emit, boolean attend) {
    String q = heads(l, "q", x);
    String k = heads(l, "k", x);
    String v = heads(l, "v", x);
    String key = cache(l, "key", k);
    String value = cache(l, "value", v);
    if (!attend) {
      return x;
    }
    String turned = graph.op("Transpose", n(l, "kt"), List.of(attribute("perm", 0, 1, 3, 2)), key);
    String scores = graph.op("MatMul", n(l, "scores"), q, turned);
    String masked = graph.op("Add", n(l, "masked"), scores, "mask_bias");
    String weights = emit ? "attentions." + l : n(l, "weights");
    graph.op("Softmax", weights, List.of(attribute("axis", -1)), masked);
    if (emit) {
      graph.output(weights, ElementType.FLOAT32, "batch", HEADS, "seq", "total");
    }
    String context = graph.op("MatMul", n(l, "context"), weights, value);
    String back =
        graph.op("Transpose", n(l, "back"), List.of(attribute("perm", 0, 2, 1, 3)), context);
    String flat = graph.op("Reshape", n(l, "flat"), back, graph.longs(0, 0, WIDTH));
    return graph.op("Add", n(l, "out"), x, flat);
  }

  private String heads(int l, String kind, String x) {
    String projected =
        graph.op("MatMul", n(l, kind + "_flat"), x, random(n(l, kind + "_weight"), WIDTH, WIDTH));
    String split =
        graph.op("Reshape", n(l, kind + "_split"), projected, graph.longs(0, 0, HEADS, SIZE));
    return graph.op("Transpose", n(l, kind), List.of(attribute("perm", 0, 2, 1, 3)), split);
  }

  private String cache(int l, String kind, String fresh) {
    String past =
        graph.input(
            "past_key_values." + l + "." + kind, ElementType.FLOAT32, "batch", HEADS, "past", SIZE);
    String present = "present." + l + "." + kind;
    graph.output(present, ElementType.FLOAT32, "batch", HEADS, "total", SIZE);
    return graph.op("Concat", present, List.of(attribute("axis", 2)), past, fresh);
  }

  private String random(String name, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 0.5f;
    }
    String flat = graph.floats(name + "_values", values);
    return graph.op("Reshape", name, flat, graph.longs(rows, columns));
  }

  private static String n(int layer, String name) {
    return "l" + layer + "_" + name;
  }
}
