package dev.kvpress.runtime.graph.matrix;

import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;

/** The constants that nodes of a graph read. */
record Constants(GraphIndex index) {

  /** An input that must be a constant. */
  TensorProto require(NodeProto node, int input) throws UnreadableMatrix {
    String name = node.getInputCount() > input ? node.getInput(input) : "";
    return index
        .constant(name)
        .orElseThrow(
            () ->
                new UnreadableMatrix(
                    name.isEmpty()
                        ? "it lacks input " + input
                        : "its input %s is no constant".formatted(name)));
  }
}
