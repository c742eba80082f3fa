package dev.kvpress.runtime.graph.kernels;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Element types of what nodes give. */
final class NodeTypes {
  /** Trip count and condition, which come before what a loop carries. */
  private static final int LOOP_OWN_INPUTS = 2;

  private NodeTypes() {}

  /**
   * The type of an output.
   *
   * @param formal its type or variable in the signature
   * @param bound types by variable, as far as they are known
   */
  static Optional<String> of(NodeProto node, String formal, Map<String, List<String>> bound) {
    if (!OperatorKernels.isVariable(formal)) {
      return Optional.of(formal);
    }
    if (bound.containsKey(formal)) {
      return Optional.of(bound.get(formal).get(0));
    }
    Optional<String> said = said(node);
    if (said.isPresent()) {
      return said;
    }
    return switch (node.getOpType()) {
      case "ConstantOfShape", "RandomNormal", "RandomUniform", "SimplifiedLayerNormalization" ->
          ElementNames.of(DataType.FLOAT.getNumber());
      // What is not said is like the input.
      case "EyeLike", "RandomNormalLike", "RandomUniformLike" ->
          Optional.ofNullable(bound.get("T1")).map(types -> types.get(0));
      default -> Optional.empty();
    };
  }

  private static Optional<String> said(NodeProto node) {
    for (AttributeProto attribute : node.getAttributeList()) {
      switch (attribute.getName()) {
        case "to", "dtype" -> {
          return ElementNames.of((int) attribute.getI());
        }
        case "value" -> {
          return ElementNames.of(attribute.getT().getDataType());
        }
        default -> {}
      }
    }
    return Optional.empty();
  }

  /** The type of a constant written as a node. */
  static Optional<String> ofConstant(NodeProto node) {
    for (AttributeProto attribute : node.getAttributeList()) {
      switch (attribute.getName()) {
        case "value_int", "value_ints" -> {
          return ElementNames.of(DataType.INT64.getNumber());
        }
        case "value_float", "value_floats" -> {
          return ElementNames.of(DataType.FLOAT.getNumber());
        }
        case "value_string", "value_strings" -> {
          return ElementNames.of(DataType.STRING.getNumber());
        }
        default -> {}
      }
    }
    return said(node);
  }

  /** Whether a node has graphs within it, of which what it gives depends. */
  static boolean hasBodies(NodeProto node) {
    return node.getAttributeList().stream()
        .anyMatch(attribute -> attribute.hasG() || attribute.getGraphsCount() > 0);
  }

  /** Gives the inputs of a body the types of what the node reads. */
  static void passIn(NodeProto node, GraphProto body, ValueTypes outside, ValueTypes inside) {
    boolean loop = node.getOpType().equals("Loop");
    for (int i = 0; i < body.getInputCount(); i++) {
      String name = body.getInput(i).getName();
      if (loop && i < LOOP_OWN_INPUTS) {
        inside.put(name, Optional.of(i == 0 ? "i64" : "bool"));
      } else if (i < node.getInputCount()) {
        inside.put(name, outside.of(node.getInput(i)));
      }
    }
  }

  /** Gives what a node gives the types of its body's outputs. */
  static void passOut(NodeProto node, GraphProto body, ValueTypes outside, ValueTypes inside) {
    // The first output of the body of a loop is whether to go on.
    int own = node.getOpType().equals("Loop") ? 1 : 0;
    for (int i = 0; i < node.getOutputCount() && i + own < body.getOutputCount(); i++) {
      if (!node.getOutput(i).isEmpty()) {
        outside.put(node.getOutput(i), inside.of(body.getOutput(i + own).getName()));
      }
    }
  }
}
