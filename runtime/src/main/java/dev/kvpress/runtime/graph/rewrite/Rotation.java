package dev.kvpress.runtime.graph.rewrite;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.List;

/**
 * Rotary embedding from tables, written out.
 *
 * @param cosines value {@code [positions, r/2]}: r channels of a head are turned, the others stay
 * @param sines the same of sines
 * @param turned r
 * @param headSize D
 * @param interleaved whether neighbouring channels are turned together and not those half of r
 *     apart
 * @param positions int64 {@code [B,Q]}
 */
record Rotation(
    String cosines, String sines, int turned, int headSize, boolean interleaved, String positions) {
  private static final List<AttributeProto> LAST = List.of(attribute("axis", -1));

  /** Turns float {@code [B,h,Q,D]}. */
  String apply(GraphBuilder graph, String name, String value) {
    String cos = table(graph, cosines);
    String sin = table(graph, sines);
    int half = turned / 2;
    String first =
        interleaved
            ? slice(graph, name + ".even", value, 0, turned, 2)
            : slice(graph, name + ".first", value, 0, half, 1);
    String second =
        interleaved
            ? slice(graph, name + ".odd", value, 1, turned, 2)
            : slice(graph, name + ".second", value, half, turned, 1);
    String left =
        graph.op(
            "Sub",
            name + ".left",
            graph.op("Mul", name + ".first_cos", first, cos),
            graph.op("Mul", name + ".second_sin", second, sin));
    String right =
        graph.op(
            "Add",
            name + ".right",
            graph.op("Mul", name + ".second_cos", second, cos),
            graph.op("Mul", name + ".first_sin", first, sin));
    String joined = joined(graph, name, left, right);
    if (turned == headSize) {
      return graph.op("Identity", name, joined);
    }
    String rest = slice(graph, name + ".rest", value, turned, headSize, 1);
    return graph.op("Concat", name, LAST, joined, rest);
  }

  private String joined(GraphBuilder graph, String name, String left, String right) {
    if (!interleaved) {
      return graph.op("Concat", name + ".turned", LAST, left, right);
    }
    String even = graph.op("Unsqueeze", name + ".left_column", left, graph.longs(4));
    String odd = graph.op("Unsqueeze", name + ".right_column", right, graph.longs(4));
    String pairs = graph.op("Concat", name + ".pairs", LAST, even, odd);
    return graph.op("Reshape", name + ".turned", pairs, graph.longs(0, 0, 0, turned));
  }

  /** float {@code [B,1,Q,r/2]}: rows of a table for the new tokens. */
  private String table(GraphBuilder graph, String table) {
    String name = "rewritten.%s.at.%s".formatted(table, positions);
    if (graph.declare(name)) {
      String rows = graph.op("Gather", name + ".rows", table, positions);
      String wide = graph.op("Cast", name + ".float", PlainAttention.to(ElementType.FLOAT32), rows);
      graph.op("Unsqueeze", name, wide, graph.longs(1));
    }
    return name;
  }

  private static String slice(
      GraphBuilder graph, String name, String value, int from, int to, int step) {
    return graph.op(
        "Slice",
        name,
        value,
        graph.longs(from),
        graph.longs(to),
        graph.longs(3),
        graph.longs(step));
  }
}
