package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import java.util.Set;

/** How closely a graph computes, as far as its operators and constants show. */
public enum GraphPrecision {
  /** In float32 throughout. */
  FULL,
  /** In 16-bit floats, at least here and there. */
  HALF,
  /** With activations rounded to integers. */
  QUANTIZED;

  private static final Set<String> QUANTIZING =
      Set.of(
          "DynamicQuantizeLinear",
          "QuantizeLinear",
          "DynamicQuantizeMatMul",
          "MatMulIntegerToFloat",
          "QLinearMatMul",
          "QAttention");

  private static final int ACCURACY_INT8 = 4;

  static GraphPrecision of(GraphProto graph) {
    boolean half = false;
    for (NodeProto node : graph.getNodeList()) {
      if (QUANTIZING.contains(node.getOpType())) {
        return QUANTIZED;
      }
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.getName().equals("accuracy_level") && attribute.getI() >= ACCURACY_INT8) {
          return QUANTIZED;
        }
        half |= attribute.getName().equals("to") && isHalf((int) attribute.getI());
        if (attribute.hasG()) {
          GraphPrecision inside = of(attribute.getG());
          if (inside == QUANTIZED) {
            return QUANTIZED;
          }
          half |= inside == HALF;
        }
      }
    }
    for (TensorProto constant : graph.getInitializerList()) {
      half |= isHalf(constant.getDataType());
    }
    return half ? HALF : FULL;
  }

  private static boolean isHalf(int type) {
    return type == ElementType.FLOAT16.onnxNumber() || type == ElementType.BFLOAT16.onnxNumber();
  }
}
