package dev.kvpress.runtime.export.architecture;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a rotary embedding.
 *
 * <p>The angles follow position_ids, which are true positions and need not agree with the length of
 * the cache. Cosines and sines are computed once per pass; a rotation is x · cos + swap(x) · (−sin,
 * sin).
 */
final class RotaryEmbedding {
  private static final List<AttributeProto> LAST = List.of(attribute("axis", -1));

  private final GraphBuilder graph;
  private final Rope rope;
  private final long headSize;
  private final String cos;
  private final String sin;

  /**
   * Writes the angles of one of a model's rotary embeddings.
   *
   * @param index of it among those of the model
   */
  RotaryEmbedding(GraphBuilder graph, Rope rope, int index, int headSize) {
    this.graph = graph;
    this.rope = rope;
    this.headSize = headSize;
    String name = index == 0 ? "pass.rotary" : "pass.rotary_" + index;
    String column = positions();
    String frequencies = rope.write(graph, frequenciesName(index));
    String angles = graph.op("Mul", name + "_angles", column, frequencies);
    String halfCos = scaled(graph.op("Cos", name + "_cos_half", angles));
    String halfSin = scaled(graph.op("Sin", name + "_sin_half", angles));
    String minus = graph.op("Neg", name + "_minus_sin", halfSin);
    if (rope.interleaved()) {
      // Pairs are split off by a reshape to [.., pairs, 2] first.
      cos = graph.op("Unsqueeze", name + "_cos", halfCos, graph.longs(-1));
      String minusColumn = graph.op("Unsqueeze", name + "_minus", minus, graph.longs(-1));
      String sinColumn = graph.op("Unsqueeze", name + "_plus", halfSin, graph.longs(-1));
      sin = graph.op("Concat", name + "_sin", LAST, minusColumn, sinColumn);
    } else {
      cos = graph.op("Concat", name + "_cos", LAST, halfCos, halfCos);
      sin = graph.op("Concat", name + "_sin", LAST, minus, halfSin);
    }
  }

  /** What the frequencies of one of a model's rotary embeddings are called in its graph. */
  static String frequenciesName(int index) {
    return index == 0 ? "rotary.frequencies" : "rotary.frequencies_" + index;
  }

  /** float {@code [B,Q,1,1]}. */
  private String positions() {
    String name = "pass.positions_column";
    if (graph.declare(name)) {
      String floats =
          graph.op("Cast", "pass.positions", List.of(attribute("to", 1)), "position_ids");
      graph.op("Unsqueeze", name, floats, graph.longs(2, 3));
    }
    return name;
  }

  private String scaled(String value) {
    if (rope.attentionScaling() == 1) {
      return value;
    }
    return graph.op(
        "Mul", value + "_scaled", value, graph.floatScalar((float) rope.attentionScaling()));
  }

  /** Rotates {@code [B,Q,heads,D]}. */
  String rotate(String input, String name) {
    long turned = 2L * rope.pairs();
    if (turned == headSize) {
      return turn(input, name);
    }
    List<String> parts = split(input, name + ".turned", name + ".straight_part", turned, headSize);
    String rotated = turn(parts.get(0), name + ".rotated");
    return graph.op("Concat", name, LAST, rotated, parts.get(1));
  }

  private String turn(String input, String name) {
    if (rope.interleaved()) {
      String pairs =
          graph.op("Reshape", name + ".pairs", input, graph.longs(0, 0, 0, rope.pairs(), 2));
      String rotated = crossed(pairs, name + ".rotated_pairs", 1);
      return graph.op("Reshape", name, rotated, graph.longs(0, 0, 0, 2L * rope.pairs()));
    }
    return crossed(input, name, rope.pairs());
  }

  private String crossed(String input, String name, long half) {
    List<String> halves = split(input, name + ".low", name + ".high", half, 2 * half);
    String swapped = graph.op("Concat", name + ".swapped", LAST, halves.get(1), halves.get(0));
    String straight = graph.op("Mul", name + ".straight", input, cos);
    String crossed = graph.op("Mul", name + ".crossed", swapped, sin);
    return graph.op("Add", name, straight, crossed);
  }

  private List<String> split(String input, String first, String second, long at, long size) {
    List<String> parts = new ArrayList<>(List.of(first, second));
    graph.add("", "Split", LAST, parts, List.of(input, graph.longs(at, size - at)));
    return parts;
  }
}
