package dev.kvpress.runtime.graph.matrix;

import dev.kvpress.runtime.graph.GraphIndex;
import dev.kvpress.runtime.graph.GraphValues;
import dev.kvpress.runtime.graph.NodeAttributes;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the constant matrix that a product multiplies its first input by. */
public final class MatrixFinder {
  private static final Set<String> PRODUCTS =
      Set.of(
          "MatMul",
          "Gemm",
          "FusedMatMul",
          "MatMulNBits",
          "MatMulInteger",
          "MatMulIntegerToFloat",
          "DynamicQuantizeMatMul");

  private static final int MOST_STEPS = 16;
  private static final int OUTPUT_AXIS = 1;

  private final GraphIndex index;
  private final Constants constants;

  /** Looks around in a graph. */
  public MatrixFinder(GraphIndex index) {
    this.index = index;
    this.constants = new Constants(index);
  }

  /** Whether an operator multiplies its first input by a matrix. */
  public static boolean isProduct(NodeProto node) {
    return PRODUCTS.contains(node.getOpType());
  }

  /**
   * The weight of a product.
   *
   * @return {@code [out, in]}, without bias
   * @throws UnreadableMatrix if it is no constant, or one in a form that is not understood
   */
  public ConstantMatrix weight(NodeProto node) throws UnreadableMatrix {
    return switch (node.getOpType()) {
      case "MatMul", "Gemm", "FusedMatMul" -> plain(node);
      case "MatMulNBits" -> inOrder(node, BlockMatrix.of(node, constants));
      case "MatMulInteger" -> linear(node, new IntegerProduct(index).weightScale(node), 3);
      case "MatMulIntegerToFloat" -> linear(node, constants.require(node, 3), 5);
      case "DynamicQuantizeMatMul" -> linear(node, constants.require(node, 2), 3);
      default -> throw new UnreadableMatrix(node.getOpType() + " is not understood");
    };
  }

  /** The matrix of inputs as they are, where a node before the product changes their order. */
  private ConstantMatrix inOrder(NodeProto node, ConstantMatrix matrix) throws UnreadableMatrix {
    NodeProto before = index.writer(node.getInput(0));
    if (before == null
        || !before.getOpType().equals("Gather")
        || new NodeAttributes(before).integer("axis", 0) == 0) {
      return matrix;
    }
    TensorProto order = constants.require(before, 1);
    if (order.getDataType() != TensorProto.DataType.INT64_VALUE
        || !order.getDimsList().equals(List.of(matrix.columns()))) {
      throw new UnreadableMatrix(
          "node %s before it does not keep all of its inputs".formatted(GraphValues.label(before)));
    }
    return new OrderedMatrix(matrix, order);
  }

  private ConstantMatrix plain(NodeProto node) throws UnreadableMatrix {
    NodeAttributes attributes = new NodeAttributes(node);
    if (attributes.number("alpha", 1) != 1) {
      throw new UnreadableMatrix("it multiplies by alpha = " + attributes.shown("alpha"));
    }
    for (String turn : List.of("transA", "transBatchA", "transBatchB")) {
      if (attributes.integer(turn, 0) != 0) {
        throw new UnreadableMatrix("its attribute %s is not understood".formatted(turn));
      }
    }
    if (node.getInputCount() < 2) {
      throw new UnreadableMatrix("it has one input only");
    }
    ConstantMatrix matrix = constant(node.getInput(1), 0);
    return attributes.integer("transB", 0) == 1 ? matrix : matrix.turned();
  }

  /** {@code [in, out]} of whole numbers. */
  private ConstantMatrix linear(NodeProto node, TensorProto scales, int zeros)
      throws UnreadableMatrix {
    return LinearMatrix.of(
            constants.require(node, 1), scales, optional(node, zeros), OUTPUT_AXIS, 0)
        .turned();
  }

  private ConstantMatrix constant(String value, int steps) throws UnreadableMatrix {
    Optional<TensorProto> tensor = index.constant(value);
    if (tensor.isPresent()) {
      if (tensor.get().getDimsCount() != 2 || !TensorNumbers.isFloat(tensor.get())) {
        throw new UnreadableMatrix("constant %s is no matrix of floats".formatted(value));
      }
      return new FloatMatrix(tensor.get());
    }
    NodeProto writer = index.writer(value);
    if (writer == null || steps > MOST_STEPS) {
      throw new UnreadableMatrix("%s is no constant".formatted(value));
    }
    switch (writer.getOpType()) {
      case "Cast", "Identity" -> {
        return constant(writer.getInput(0), steps + 1);
      }
      case "Transpose" -> {
        ConstantMatrix before = constant(writer.getInput(0), steps + 1);
        return keepsOrder(writer) ? before : before.turned();
      }
      case "DequantizeLinear" -> {
        return dequantized(writer);
      }
      default ->
          throw new UnreadableMatrix(
              "%s comes from node %s (%s) and is no constant matrix"
                  .formatted(value, GraphValues.label(writer), writer.getOpType()));
    }
  }

  private static boolean keepsOrder(NodeProto transpose) {
    return new NodeAttributes(transpose)
        .integers("perm")
        .map(perm -> perm.length == 2 && perm[0] == 0)
        .orElse(false);
  }

  private ConstantMatrix dequantized(NodeProto node) throws UnreadableMatrix {
    NodeAttributes attributes = new NodeAttributes(node);
    return LinearMatrix.of(
        constants.require(node, 0),
        constants.require(node, 1),
        optional(node, 2),
        attributes.integer("axis", 1),
        attributes.integer("block_size", 0));
  }

  private @Nullable TensorProto optional(NodeProto node, int input) throws UnreadableMatrix {
    return node.getInputCount() > input && !node.getInput(input).isEmpty()
        ? constants.require(node, input)
        : null;
  }
}
