package dev.kvpress.runtime.export;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.graph.GraphBuilder;
import java.util.List;

/**
 * Root-mean-square norm over the last axis: x / sqrt(mean(x²) + eps) · gain.
 *
 * <p>Written in the order of operations that ONNX Runtime recognises and runs as one kernel.
 */
final class RmsNorm {
  private RmsNorm() {}

  static String add(GraphBuilder graph, String name, String input, String gain, double eps) {
    String square = graph.op("Pow", name + ".square", input, graph.floatScalar(2));
    String mean =
        graph.op(
            "ReduceMean",
            name + ".mean",
            List.of(attribute("keepdims", 1)),
            square,
            graph.longs(-1));
    String shifted = graph.op("Add", name + ".shifted", mean, graph.floatScalar((float) eps));
    String root = graph.op("Sqrt", name + ".root", shifted);
    String normed = graph.op("Div", name + ".normed", input, root);
    return graph.op("Mul", name, normed, gain);
  }
}
