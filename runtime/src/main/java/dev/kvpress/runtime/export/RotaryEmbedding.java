package dev.kvpress.runtime.export;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.GraphBuilder;
import dev.kvpress.runtime.onnx.AttributeProto;
import java.util.List;

/**
 * Rotary position embedding of halves (Su et al. 2021, in the pairing i, i + D/2).
 *
 * <p>The angles follow position_ids, which are true positions and need not agree with the length of
 * the cache. Cosines and sines {@code [B,Q,1,D]} are computed once per pass; a rotation is x · cos
 * + swap(x) · (−sin, sin).
 */
final class RotaryEmbedding {
  private static final String COS = "pass.rotary_cos";
  private static final String SIN = "pass.rotary_sin";

  private final GraphBuilder graph;
  private final long half;

  private RotaryEmbedding(GraphBuilder graph, long half) {
    this.graph = graph;
    this.half = half;
  }

  static RotaryEmbedding declare(GraphBuilder graph, DecoderConfig config) {
    String positions =
        graph.op("Cast", "pass.positions", List.of(attribute("to", 1)), "position_ids");
    String column = graph.op("Unsqueeze", "pass.positions_column", positions, graph.longs(2, 3));
    String frequencies = graph.floats("rotary.frequencies", config.rotaryFrequencies());
    String angles = graph.op("Mul", "pass.rotary_angles", column, frequencies);
    String cos = graph.op("Cos", "pass.rotary_cos_half", angles);
    String sin = graph.op("Sin", "pass.rotary_sin_half", angles);
    String minus = graph.op("Neg", "pass.rotary_minus_sin", sin);
    List<AttributeProto> last = List.of(attribute("axis", -1));
    graph.op("Concat", COS, last, cos, cos);
    graph.op("Concat", SIN, last, minus, sin);
    return new RotaryEmbedding(graph, config.headDim() / 2);
  }

  /** Rotates {@code [B,Q,heads,D]}. */
  String rotate(String input, String name) {
    String low = name + ".low";
    String high = name + ".high";
    graph.add(
        "",
        "Split",
        List.of(attribute("axis", -1)),
        List.of(low, high),
        List.of(input, graph.longs(half, half)));
    String swapped =
        graph.op("Concat", name + ".swapped", List.of(attribute("axis", -1)), high, low);
    String straight = graph.op("Mul", name + ".straight", input, COS);
    String crossed = graph.op("Mul", name + ".crossed", swapped, SIN);
    return graph.op("Add", name, straight, crossed);
  }
}
