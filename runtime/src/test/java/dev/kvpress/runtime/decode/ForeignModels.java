package dev.kvpress.runtime.decode;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.onnx.OperatorSetIdProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * Small decoders with Optimum names that are not ours: two layers, four query heads on two KV heads
 * of size 4, vocabulary 11, learned positions or none.
 */
final class ForeignModels {
  static final int VOCAB = 11;
  private static final int KV_HEADS = 2;
  private static final int SIZE = 4;
  private static final int WIDTH = 16;

  private final GraphBuilder graph = new GraphBuilder();
  private final Random random = new Random(5);
  private final ElementType ids;
  private final ElementType floats;
  private final boolean positions;
  private final boolean attends;
  private float[][] projections = {};

  private ForeignModels(ElementType ids, ElementType floats, boolean positions, boolean attends) {
    this.ids = ids;
    this.floats = floats;
    this.positions = positions;
    this.attends = attends;
  }

  /** Writes a graph that attends. */
  static Path write(Path folder, ElementType ids, ElementType floats, boolean positions) {
    return new ForeignModels(ids, floats, positions, true).write(folder);
  }

  /**
   * Writes a graph whose layers have an output projection: {@code [in, out]} in layer 0, {@code
   * [out, in]} behind a transposition in layer 1.
   */
  static Path withProjections(Path folder, float[]... projections) {
    ForeignModels models = new ForeignModels(ElementType.INT64, ElementType.FLOAT32, true, true);
    models.projections = projections;
    return models.write(folder);
  }

  /** Writes a graph whose cache grows without any attention to be found. */
  static Path withoutAttention(Path folder) {
    return new ForeignModels(ElementType.INT64, ElementType.FLOAT32, true, false).write(folder);
  }

  /** A graph that attends and takes positions. */
  static ModelProto model(ElementType ids, ElementType floats) {
    return new ForeignModels(ids, floats, true, true).model();
  }

  private Path write(Path folder) {
    try {
      return Files.write(folder.resolve("foreign.onnx"), model().toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ModelProto model() {
    graph.input("input_ids", ids, "batch", "seq");
    graph.input("attention_mask", ids, "batch", "total");
    String x = graph.op("Gather", "tokens", random("embedding", VOCAB, WIDTH), "input_ids");
    if (positions) {
      graph.input("position_ids", ids, "batch", "seq");
      String place = graph.op("Gather", "places", random("place", 64, WIDTH), "position_ids");
      x = graph.op("Add", "embedded", x, place);
    }
    String mask = graph.op("Cast", "mask_float", List.of(attribute("to", 1)), "attention_mask");
    String minus = graph.op("Sub", "mask_minus", mask, graph.floatScalar(1));
    String large = graph.op("Mul", "mask_large", minus, graph.floatScalar(30000f));
    String spread = graph.op("Unsqueeze", "mask_spread", large, graph.longs(1, 2));
    typed("mask_bias", spread);
    causal();
    graph.output("logits", floats, "batch", "seq", VOCAB);
    for (int l = 0; l < 2; l++) {
      x = layer(l, x);
    }
    graph.op("MatMul", "logits", x, random("head", WIDTH, VOCAB));
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
        .setGraph(graph.build("foreign"))
        .build();
  }

  /** [Q, T]: column t is seen by query q if t ≤ T − Q + q. */
  private void causal() {
    String total = size("total", "attention_mask");
    String count = size("count", "input_ids");
    String past = graph.op("Sub", "past", total, count);
    String zero = graph.longScalar(0);
    String one = graph.longScalar(1);
    String columns = graph.op("Range", "columns", zero, total, one);
    String queries = graph.op("Range", "queries", past, total, one);
    String column = graph.op("Unsqueeze", "query_column", queries, graph.longs(1));
    String seen = graph.op("LessOrEqual", "seen", columns, column);
    String bias =
        graph.op("Where", "causal", seen, graph.floatScalar(0), graph.floatScalar(-30000f));
    typed("causal_bias", bias);
  }

  private String size(String name, String input) {
    String shape = graph.op("Shape", name + "_shape", input);
    return graph.op("Gather", name, shape, graph.longScalar(1));
  }

  private String typed(String name, String value) {
    int type = floats == ElementType.FLOAT16 ? 10 : 1;
    return graph.op("Cast", name, List.of(attribute("to", type)), value);
  }

  private String layer(int l, String x) {
    String q = heads(l, "q", x, 2 * KV_HEADS);
    String key = cache(l, "key", heads(l, "k", x, KV_HEADS));
    String value = cache(l, "value", heads(l, "v", x, KV_HEADS));
    if (!attends) {
      return x;
    }
    String keys = graph.op("Concat", n(l, "keys"), List.of(attribute("axis", 1)), key, key);
    String values = graph.op("Concat", n(l, "values"), List.of(attribute("axis", 1)), value, value);
    String turned = graph.op("Transpose", n(l, "kt"), List.of(attribute("perm", 0, 1, 3, 2)), keys);
    String scores = graph.op("MatMul", n(l, "scores"), q, turned);
    String masked = graph.op("Add", n(l, "masked"), scores, "mask_bias");
    String both = graph.op("Add", n(l, "both"), masked, "causal_bias");
    String weights = graph.op("Softmax", n(l, "weights"), List.of(attribute("axis", -1)), both);
    String context = graph.op("MatMul", n(l, "context"), weights, values);
    String back =
        graph.op("Transpose", n(l, "back"), List.of(attribute("perm", 0, 2, 1, 3)), context);
    String flat = graph.op("Reshape", n(l, "flat"), back, graph.longs(0, 0, WIDTH));
    return graph.op("Add", n(l, "out"), x, projected(l, flat));
  }

  /** Through the projections of {@link #withProjections}, written once each way. */
  private String projected(int l, String flat) {
    if (projections.length == 0) {
      return flat;
    }
    TensorProto.Builder weight =
        TensorProto.newBuilder()
            .setName(n(l, "projection"))
            .setDataType(TensorProto.DataType.FLOAT.getNumber())
            .addDims(WIDTH)
            .addDims(WIDTH);
    for (float value : projections[l]) {
      weight.addFloatData(value);
    }
    graph.initializer(weight.build());
    if (l == 0) {
      return graph.op("MatMul", n(l, "projected"), flat, n(l, "projection"));
    }
    String turned = graph.op("Transpose", n(l, "projection_t"), n(l, "projection"));
    String same = graph.op("Identity", n(l, "projection_same"), turned);
    return graph.op("MatMul", n(l, "projected"), flat, same);
  }

  private String heads(int l, String kind, String x, int heads) {
    String weight = random(n(l, kind + "_weight"), WIDTH, heads * SIZE);
    String flat = graph.op("MatMul", n(l, kind + "_flat"), x, weight);
    String split = graph.op("Reshape", n(l, kind + "_split"), flat, graph.longs(0, 0, heads, SIZE));
    return graph.op("Transpose", n(l, kind), List.of(attribute("perm", 0, 2, 1, 3)), split);
  }

  private String cache(int l, String kind, String fresh) {
    String name = "past_key_values." + l + "." + kind;
    String past = graph.input(name, floats, "batch", KV_HEADS, "past", SIZE);
    String present = "present." + l + "." + kind;
    graph.output(present, floats, "batch", KV_HEADS, "total", SIZE);
    return graph.op("Concat", present, List.of(attribute("axis", 2)), past, fresh);
  }

  private String random(String name, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 0.4f;
    }
    String flat = graph.floats(name + "_values", values);
    String shaped = graph.op("Reshape", name + "_shaped", flat, graph.longs(rows, columns));
    return typed(name, shaped);
  }

  private static String n(int layer, String name) {
    return "l" + layer + "_" + name;
  }
}
