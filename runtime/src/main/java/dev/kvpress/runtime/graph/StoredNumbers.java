package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.onnx.AttributeProto;
import dev.kvpress.runtime.onnx.GraphProto;
import dev.kvpress.runtime.onnx.NodeProto;
import dev.kvpress.runtime.onnx.TensorProto;
import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Counts the numbers of a graph's constants by how they are stored. What a constant of whole
 * numbers stands for only the operator that reads it knows: two of 4 bits lie in a byte, and scales
 * beside them are no weights.
 */
final class StoredNumbers {
  /** Which inputs of these operators are quantized weights; their others go with them. */
  private static final Map<String, List<Integer>> WEIGHT_INPUTS =
      Map.ofEntries(
          Map.entry("MatMulNBits", List.of(1)),
          Map.entry("MatMulBnb4", List.of(1)),
          Map.entry("GatherBlockQuantized", List.of(0)),
          Map.entry("DequantizeLinear", List.of(0)),
          Map.entry("MatMulInteger", List.of(1)),
          Map.entry("MatMulIntegerToFloat", List.of(1)),
          Map.entry("DynamicQuantizeMatMul", List.of(1)),
          Map.entry("QLinearMatMul", List.of(3)),
          Map.entry("QGemm", List.of(3)),
          Map.entry("QAttention", List.of(1)),
          Map.entry("QMoE", List.of(2, 5, 8)));

  // Types of ONNX that its descriptions here do not name.
  private static final int UINT4 = 21;
  private static final int INT4 = 22;

  private final Map<String, TensorProto> constants = new HashMap<>();
  private final Set<String> read = new HashSet<>();

  /** Numbers by kind, {@code f16} or {@code int4 (MatMulNBits)}. */
  private final Map<String, Long> counts = new TreeMap<>();

  private StoredNumbers() {}

  /** Numbers by kind: {@code f32}, {@code f16}, {@code int4 (MatMulNBits)}. */
  static Map<String, Long> of(GraphProto graph) {
    StoredNumbers numbers = new StoredNumbers();
    numbers.collect(graph);
    numbers.readQuantized(graph);
    numbers.constants.forEach(
        (name, tensor) -> {
          if (!numbers.read.contains(name)) {
            floats(tensor).ifPresent(kind -> numbers.add(kind, Constants.size(tensor)));
          }
        });
    return numbers.counts;
  }

  private void collect(GraphProto graph) {
    graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
    for (NodeProto node : graph.getNodeList()) {
      for (AttributeProto attribute : node.getAttributeList()) {
        if (node.getOpType().equals("Constant") && attribute.hasT()) {
          constants.put(node.getOutput(0), attribute.getT());
        }
        if (attribute.hasG()) {
          collect(attribute.getG());
        }
      }
    }
  }

  private void readQuantized(GraphProto graph) {
    for (NodeProto node : graph.getNodeList()) {
      List<Integer> weights = WEIGHT_INPUTS.getOrDefault(node.getOpType(), List.of());
      for (int i = 0; i < node.getInputCount() && !weights.isEmpty(); i++) {
        TensorProto tensor = constants.get(node.getInput(i));
        if (tensor != null && read.add(node.getInput(i)) && weights.contains(i)) {
          addQuantized(node, tensor);
        }
      }
      node.getAttributeList().stream()
          .filter(AttributeProto::hasG)
          .forEach(attribute -> readQuantized(attribute.getG()));
    }
  }

  private void addQuantized(NodeProto node, TensorProto tensor) {
    NodeAttributes attributes = new NodeAttributes(node);
    int ofType = bits(tensor);
    // In bytes that hold several numbers the operator says of how many bits they are.
    long bits =
        switch (node.getOpType()) {
          case "MatMulNBits", "GatherBlockQuantized" ->
              ofType < Byte.SIZE ? ofType : attributes.integer("bits", 4);
          case "QMoE" -> attributes.integer("expert_weight_bits", 4);
          case "MatMulBnb4" -> 4;
          default -> ofType;
        };
    if (bits <= 0) {
      return;
    }
    String kind =
        node.getOpType().equals("MatMulBnb4")
            ? attributes.integer("quant_type", 1) == 1 ? "nf4" : "fp4"
            : "int" + bits;
    long inByte = ofType == Byte.SIZE ? Math.max(1, Byte.SIZE / bits) : 1;
    add("%s (%s)".formatted(kind, node.getOpType()), Constants.size(tensor) * inByte);
  }

  private void add(String kind, long numbers) {
    counts.merge(kind, numbers, Long::sum);
  }

  private static Optional<String> floats(TensorProto tensor) {
    return switch (tensor.getDataType()) {
      case DataType.FLOAT_VALUE -> Optional.of("f32");
      case DataType.FLOAT16_VALUE -> Optional.of("f16");
      case DataType.BFLOAT16_VALUE -> Optional.of("bf16");
      case DataType.DOUBLE_VALUE -> Optional.of("f64");
      default -> Optional.empty();
    };
  }

  /** Bits of an element; 0 where it is no whole number of at most 8. */
  private static int bits(TensorProto tensor) {
    return switch (tensor.getDataType()) {
      case UINT4, INT4 -> 4;
      case DataType.INT8_VALUE, DataType.UINT8_VALUE -> Byte.SIZE;
      default -> 0;
    };
  }
}
