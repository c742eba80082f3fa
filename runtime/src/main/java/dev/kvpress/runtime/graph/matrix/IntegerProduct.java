package dev.kvpress.runtime.graph.matrix;

import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.util.List;
import java.util.Optional;

/**
 * MatMulInteger as dynamic quantization writes it: its result is cast to floats and multiplied by
 * the product of two scales, one of the activations and a constant one of the weight.
 */
record IntegerProduct(GraphIndex index) {

  /** The scale or scales of the weight. */
  TensorProto weightScale(NodeProto product) throws UnreadableMatrix {
    NodeProto cast = onlyReader(product, "Cast");
    NodeProto scaled = onlyReader(cast, "Mul");
    int other = scaled.getInput(0).equals(cast.getOutput(0)) ? 1 : 0;
    NodeProto scales = index.writer(scaled.getInput(other));
    if (scales != null && scales.getOpType().equals("Mul")) {
      Optional<TensorProto> first = index.constant(scales.getInput(0));
      Optional<TensorProto> second = index.constant(scales.getInput(1));
      if (first.isPresent() != second.isPresent()) {
        return first.or(() -> second).orElseThrow();
      }
    }
    throw new UnreadableMatrix("the constant scale of its weight was not found");
  }

  private NodeProto onlyReader(NodeProto node, String operator) throws UnreadableMatrix {
    List<NodeProto> readers = index.readers(node.getOutput(0));
    if (readers.size() != 1 || !readers.get(0).getOpType().equals(operator)) {
      throw new UnreadableMatrix(
          "its result is not cast and scaled as dynamic quantization does; the scale of its weight was not found");
    }
    return readers.get(0);
  }
}
