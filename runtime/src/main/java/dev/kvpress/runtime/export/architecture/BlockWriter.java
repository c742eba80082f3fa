package dev.kvpress.runtime.export.architecture;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.export.weights.TensorSpec;
import dev.kvpress.runtime.export.weights.WeightForm;
import dev.kvpress.runtime.export.weights.WeightUse;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.graph.OwnGraph;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The parts that decoder layers are made of. Every part names the value it gives, and weights by
 * their names within the layer; a weight is known to the model as soon as a part uses it.
 *
 * <p>Hidden states are flat, {@code [B*Q,E]}, so that every projection is one Gemm on a weight as
 * it lies in the checkpoint: none is transposed or copied.
 */
final class BlockWriter {
  private final DecoderWriter decoder;
  private final GraphBuilder graph;
  private final int layer;
  private final String valuePrefix;
  private final String weightPrefix;

  BlockWriter(DecoderWriter decoder, int layer, String valuePrefix, String weightPrefix) {
    this.decoder = decoder;
    this.graph = decoder.graph();
    this.layer = layer;
    this.valuePrefix = valuePrefix;
    this.weightPrefix = weightPrefix;
  }

  private BlockWriter(BlockWriter outer, GraphBuilder body, String module) {
    this.decoder = outer.decoder;
    this.graph = body;
    this.layer = outer.layer;
    this.valuePrefix = outer.valuePrefix + module + ".";
    this.weightPrefix = outer.weightPrefix;
  }

  /** The same block within the body of a loop. */
  BlockWriter within(GraphBuilder body, String module) {
    return new BlockWriter(this, body, module);
  }

  /** For nodes that no part writes. */
  GraphBuilder graph() {
    return graph;
  }

  /** Full name of a value of this block. */
  String name(String value) {
    return valuePrefix + value;
  }

  /** Uses a weight as a whole, which keeps it wide, and gives the name of its value. */
  String weight(String name, long... shape) {
    String full = declare(name, shape);
    decoder.use(full, WeightUse.WHOLE);
    return full;
  }

  /** Makes a weight known of which pieces are used, see {@link #piece}, and gives its name. */
  String declare(String name, long... shape) {
    decoder.declare(TensorSpec.of(weightPrefix + name, shape), isOuter());
    return weightPrefix + name;
  }

  /** Whether this writes what stands around the layers. */
  private boolean isOuter() {
    return weightPrefix.isEmpty();
  }

  /**
   * The same for several weights of one shape that are used as one, {@code [count,…]}.
   *
   * @param part name of each
   */
  String stacked(String name, int count, IntFunction<String> part, long... shape) {
    decoder.requireTensors(count);
    List<String> parts =
        IntStream.range(0, count).mapToObj(i -> weightPrefix + part.apply(i)).toList();
    decoder.declare(TensorSpec.stacked(weightPrefix + name, parts, shape), isOuter());
    return weightPrefix + name;
  }

  /**
   * Pieces of a weight along its first axis.
   *
   * @param weight its name as {@link #declare} gave it
   * @param indices int64 of any shape
   */
  String piece(String name, String weight, String indices) {
    decoder.use(weight, WeightUse.PIECES).pieces(graph, name(name), indices);
    return name(name);
  }

  /** x · Wᵀ (+ b) with W {@code [out,in]}: torch's Linear. */
  String linear(String name, String x, String weight, long out, long in, boolean bias) {
    String matrix = declare(weight + ".weight", out, in);
    String added = biasOf(weight, out, bias);
    decoder.use(matrix, WeightUse.PRODUCT).product(graph, name(name), x, false, added);
    return name(name);
  }

  /**
   * The same with a weight that is never rounded, for what chooses: a router's smallest error may
   * send a token elsewhere.
   */
  String choice(String name, String x, String weight, long out, long in, boolean bias) {
    String matrix = weight(weight + ".weight", out, in);
    return product(name, x, matrix, true, biasOf(weight, out, bias));
  }

  /** x · W + b with W {@code [in,out]}: GPT-2's Conv1D. */
  String conv1d(String name, String x, String weight, long out, long in) {
    String matrix = declare(weight + ".weight", in, out);
    String added = biasOf(weight, out, true);
    decoder.use(matrix, WeightUse.TURNED_PRODUCT).product(graph, name(name), x, true, added);
    return name(name);
  }

  private @Nullable String biasOf(String weight, long out, boolean bias) {
    return bias ? weight(weight + ".bias", out) : null;
  }

  /** x · W or, transposed, x · Wᵀ (+ b) with W any value. */
  String product(String name, String x, String value, boolean transposed, @Nullable String bias) {
    WeightForm.gemm(graph, name(name), x, value, !transposed, bias);
    return name(name);
  }

  /** Root-mean-square norm over the last axis: x / sqrt(mean(x²) + eps) · gain. */
  String rmsNorm(String name, String x, String gain, long size, double eps) {
    String normed = rootMeanSquare(name, x, eps);
    return graph.op("Mul", name(name), normed, weight(gain + ".weight", size));
  }

  /** The same with gain 1 + w, as Gemma stores it. */
  String rmsNormPlusOne(String name, String x, String gain, long size, double eps) {
    String normed = rootMeanSquare(name, x, eps);
    String plusOne =
        graph.op("Add", name(name) + ".gain", weight(gain + ".weight", size), graph.floatScalar(1));
    return graph.op("Mul", name(name), normed, plusOne);
  }

  // In the order of operations that ONNX Runtime recognises and runs as one kernel.
  private String rootMeanSquare(String name, String x, double eps) {
    String full = name(name);
    String square = graph.op("Pow", full + ".square", x, graph.floatScalar(2));
    String mean =
        graph.op(
            "ReduceMean",
            full + ".mean",
            List.of(attribute("keepdims", 1)),
            square,
            graph.longs(-1));
    String shifted = graph.op("Add", full + ".shifted", mean, graph.floatScalar((float) eps));
    String root = graph.op("Sqrt", full + ".root", shifted);
    return graph.op("Div", full + ".normed", x, root);
  }

  /** Norm over the last axis to mean 0 and variance 1, then gain and, where there is one, bias. */
  String layerNorm(String name, String x, String weight, long size, double eps, boolean bias) {
    List<AttributeProto> attributes =
        List.of(attribute("axis", -1), attribute("epsilon", (float) eps));
    String gain = weight(weight + ".weight", size);
    return bias
        ? graph.op(
            "LayerNormalization", name(name), attributes, x, gain, weight(weight + ".bias", size))
        : graph.op("LayerNormalization", name(name), attributes, x, gain);
  }

  /** The same without gain and bias. */
  String plainLayerNorm(String name, String x, long size, double eps) {
    float[] ones = new float[Math.toIntExact(size)];
    Arrays.fill(ones, 1);
    return graph.op(
        "LayerNormalization",
        name(name),
        List.of(attribute("axis", -1), attribute("epsilon", (float) eps)),
        x,
        graph.floats("const.f32.ones_" + size, ones));
  }

  /** down(act(up(x))): the feed-forward part of two matrices. */
  String feedForward(
      String x,
      String up,
      String down,
      long intermediate,
      long size,
      Activation act,
      boolean bias) {
    String raised = linear("mlp.up", x, up, intermediate, size, bias);
    String activated = activate("mlp.activated", raised, act);
    return linear("mlp.down", activated, down, size, intermediate, bias);
  }

  /**
   * down(act(gate(x)) · up(x)), the feed-forward part of Llama and its relatives.
   *
   * @param module prefix of names of weights and values
   */
  String gatedMlp(
      String module, String x, long intermediate, long size, Activation activation, boolean bias) {
    String gate = linear(module + ".gate", x, module + ".gate_proj", intermediate, size, bias);
    String up = linear(module + ".up", x, module + ".up_proj", intermediate, size, bias);
    String gated =
        multiply(module + ".gated", activate(module + ".activated", gate, activation), up);
    return linear(module + ".down", gated, module + ".down_proj", size, intermediate, bias);
  }

  /**
   * The same with any values for weights.
   *
   * @param gate {@code [I,E]}
   * @param up {@code [I,E]}
   * @param down {@code [E,I]}
   */
  String gated(String x, String gate, String up, String down, Activation activation) {
    String bent = activate("activated", product("gate", x, gate, true, null), activation);
    String gated = multiply("gated", bent, product("up", x, up, true, null));
    return product("down", gated, down, true, null);
  }

  String add(String name, String a, String b) {
    return graph.op("Add", name(name), a, b);
  }

  String multiply(String name, String a, String b) {
    return graph.op("Mul", name(name), a, b);
  }

  /** x · factor; nothing for 1. */
  String scale(String name, String x, double factor) {
    return factor == 1 ? x : graph.op("Mul", name(name), x, graph.floatScalar((float) factor));
  }

  /** cap · tanh(x / cap); nothing for 0. */
  String softcap(String name, String x, double cap) {
    if (cap == 0) {
      return x;
    }
    String scalar = graph.floatScalar((float) cap);
    String divided = graph.op("Div", name(name) + ".divided", x, scalar);
    String bent = graph.op("Tanh", name(name) + ".bent", divided);
    return graph.op("Mul", name(name), bent, scalar);
  }

  /** min(max(x, low), high). */
  String clip(String name, String x, double low, double high) {
    return graph.op(
        "Clip", name(name), x, graph.floatScalar((float) low), graph.floatScalar((float) high));
  }

  String activate(String name, String x, Activation activation) {
    return activation.write(graph, name(name), x);
  }

  String sigmoid(String name, String x) {
    return graph.op("Sigmoid", name(name), x);
  }

  /** A value under a second name, for those that everybody looks up by name. */
  String alias(String name, String x) {
    return graph.op("Identity", name(name), x);
  }

  /** Cuts the last axis into parts of these sizes. */
  List<String> split(String name, String x, long... sizes) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      parts.add(name(name) + ".part_" + i);
    }
    graph.add("", "Split", List.of(attribute("axis", -1)), parts, List.of(x, graph.longs(sizes)));
    return parts;
  }

  /** Vectors of one size one above the other, {@code [n,size]}. */
  String stack(String name, List<String> vectors, long size) {
    String flat = name(name) + ".flat";
    graph.add("", "Concat", List.of(attribute("axis", 0)), List.of(flat), vectors);
    return graph.op("Reshape", name(name), flat, graph.longs(-1, size));
  }

  /** Cuts the last axis into two halves. */
  List<String> halves(String name, String x) {
    List<String> parts = List.of(name(name) + ".first", name(name) + ".second");
    graph.add(
        "",
        "Split",
        List.of(attribute("axis", -1), attribute("num_outputs", 2)),
        parts,
        List.of(x));
    return parts;
  }

  /** The elements at even and those at odd places of the last axis. */
  List<String> alternating(String name, String x) {
    List<String> parts = new ArrayList<>();
    for (int start = 0; start < 2; start++) {
      parts.add(
          graph.op(
              "Slice",
              name(name) + ".every_other_" + start,
              x,
              graph.longs(start),
              graph.longs(Long.MAX_VALUE),
              graph.longs(-1),
              graph.longs(2)));
    }
    return parts;
  }

  /** {@code [B*Q,heads*D]} split into heads, {@code [B,Q,heads,D]}. */
  String heads(String name, String flat, long heads, long headSize) {
    return graph.op("Reshape", name(name), flat, decoder.splitShape(heads, headSize));
  }

  /**
   * Cuts one projection in which each KV head has its g query heads, its key and its value side by
   * side: {@code [B*Q,G*(g+2)*D]}.
   *
   * @return queries {@code [B,Q,H,D]}, keys and values {@code [B,Q,G,D]}
   */
  List<String> groupedHeads(String name, String flat, long kvHeads, long group, long headSize) {
    String groups = heads(name + ".groups", flat, kvHeads, (group + 2) * headSize);
    List<String> parts = split(name, groups, group * headSize, headSize, headSize);
    String queries =
        group == 1
            ? parts.get(0)
            : heads(name + ".queries", parts.get(0), kvHeads * group, headSize);
    return List.of(queries, parts.get(1), parts.get(2));
  }

  /** {@code [B,Q,heads,D]} joined again, {@code [B*Q,heads*D]}. */
  String joinHeads(String name, String perHead, long heads, long headSize) {
    return graph.op("Reshape", name(name), perHead, graph.longs(-1, heads * headSize));
  }

  /**
   * Turns queries and keys by the layer's rotary embedding, where it has one, and attends.
   *
   * @param queries {@code [B,Q,H,D]}
   * @param keys {@code [B,Q,G,D]}
   * @param values {@code [B,Q,G,D]}
   * @return {@code [B*Q,H*D]}
   */
  String attend(String queries, String keys, String values) {
    return attend(queries, keys, values, null);
  }

  /** The same with a learned score of each head, {@code [H]}, that belongs to no token. */
  String attend(String queries, String keys, String values, @Nullable String sinks) {
    String plain = graph.op("Identity", OwnGraph.queriesPreRope(layer), queries);
    return decoder.attend(
        layer,
        decoder.rotate(layer, plain, OwnGraph.queries(layer)),
        decoder.rotate(layer, keys, name("attention.keys")),
        values,
        sinks);
  }
}
