package dev.kvpress.runtime.graph.rewrite;

import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.graph.NodeAttributes;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.util.Optional;
import java.util.Set;

/** Whether a mask is made of truth values or of numbers to add. */
final class MaskTypes {
  private static final int MOST_STEPS = 64;
  private static final Set<String> TRUTH =
      Set.of(
          "And",
          "Or",
          "Xor",
          "Not",
          "Less",
          "LessOrEqual",
          "Greater",
          "GreaterOrEqual",
          "Equal",
          "IsNaN",
          "IsInf");
  private static final Set<String> NUMBERS =
      Set.of("Add", "Sub", "Mul", "Div", "Neg", "Max", "Min", "MatMul", "Softmax");
  private static final Set<String> SAME =
      Set.of(
          "Identity",
          "Reshape",
          "Unsqueeze",
          "Squeeze",
          "Expand",
          "Slice",
          "Transpose",
          "Concat",
          "Gather",
          "GatherND",
          "ScatterND",
          "Tile",
          "Trilu",
          "Pad");

  private final GraphIndex index;

  MaskTypes(GraphIndex index) {
    this.index = index;
  }

  /** Empty where it cannot be told. */
  Optional<Boolean> isTruth(String value) {
    String name = value;
    for (int step = 0; step < MOST_STEPS; step++) {
      Optional<Integer> constant = index.constant(name).map(t -> t.getDataType());
      if (constant.isPresent()) {
        return constant.map(type -> type == DataType.BOOL_VALUE);
      }
      NodeProto writer = index.writer(name);
      if (writer == null) {
        return index.typeOf(name).map(type -> type == DataType.BOOL_VALUE);
      }
      String operator = writer.getOpType();
      if (TRUTH.contains(operator)) {
        return Optional.of(true);
      }
      if (NUMBERS.contains(operator)) {
        return Optional.of(false);
      }
      if (operator.equals("Cast")) {
        return Optional.of(new NodeAttributes(writer).integer("to", 0) == DataType.BOOL_VALUE);
      }
      if (operator.equals("Where")) {
        name = writer.getInput(1);
      } else if (SAME.contains(operator)) {
        name = writer.getInput(0);
      } else {
        return index.typeOf(name).map(type -> type == DataType.BOOL_VALUE);
      }
    }
    return Optional.empty();
  }
}
