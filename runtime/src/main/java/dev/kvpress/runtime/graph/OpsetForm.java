package dev.kvpress.runtime.graph;

import static dev.kvpress.runtime.graph.GraphBuilder.attribute;

import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.util.Map;
import java.util.Set;

/**
 * Writes nodes as older versions of the standard operators want them. New nodes are written in the
 * form of opset 13 to 17; what they say can be said from opset 11 on.
 */
final class OpsetForm {
  /** Before it there is no Range, and Slice has no inputs but one. */
  static final long OLDEST = 11;

  /** From here on the axes of these operators are inputs. */
  private static final long AXES_AS_INPUTS = 13;

  /** From here on those of a maximum are an input and no attribute. */
  static final long MAXIMA_AXES_AS_INPUTS = 18;

  private static final Set<String> WITH_AXES = Set.of("Squeeze", "Unsqueeze", "ReduceSum");

  private OpsetForm() {}

  /**
   * The node as a graph of some opset writes it.
   *
   * @param constants where the axes of new nodes stand
   */
  static NodeProto fit(NodeProto node, long opset, Map<String, TensorProto> constants) {
    if (opset >= AXES_AS_INPUTS
        || !WITH_AXES.contains(node.getOpType())
        || node.getInputCount() < 2) {
      return node;
    }
    TensorProto axes = constants.get(node.getInput(1));
    if (axes == null) {
      return node;
    }
    long[] numbers = Constants.integers(axes).orElseThrow();
    return node.toBuilder()
        .clearInput()
        .addInput(node.getInput(0))
        .addAttribute(attribute("axes", numbers))
        .build();
  }
}
