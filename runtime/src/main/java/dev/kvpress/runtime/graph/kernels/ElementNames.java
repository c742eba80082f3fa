package dev.kvpress.runtime.graph.kernels;

import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Short names of element types, as the table of kernels writes them. */
final class ElementNames {
  /** By ONNX's number; those it has added since are told by their number. */
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(DataType.FLOAT.getNumber(), "f32"),
          Map.entry(DataType.UINT8.getNumber(), "u8"),
          Map.entry(DataType.INT8.getNumber(), "i8"),
          Map.entry(DataType.UINT16.getNumber(), "u16"),
          Map.entry(DataType.INT16.getNumber(), "i16"),
          Map.entry(DataType.INT32.getNumber(), "i32"),
          Map.entry(DataType.INT64.getNumber(), "i64"),
          Map.entry(DataType.STRING.getNumber(), "string"),
          Map.entry(DataType.BOOL.getNumber(), "bool"),
          Map.entry(DataType.FLOAT16.getNumber(), "f16"),
          Map.entry(DataType.DOUBLE.getNumber(), "f64"),
          Map.entry(DataType.UINT32.getNumber(), "u32"),
          Map.entry(DataType.UINT64.getNumber(), "u64"),
          Map.entry(DataType.BFLOAT16.getNumber(), "bf16"),
          Map.entry(17, "f8e4m3fn"),
          Map.entry(18, "f8e4m3fnuz"),
          Map.entry(19, "f8e5m2"),
          Map.entry(20, "f8e5m2fnuz"),
          Map.entry(21, "u4"),
          Map.entry(22, "i4"),
          Map.entry(23, "f4e2m1"));

  /** Every name there is. */
  static final Set<String> ALL = Set.copyOf(new TreeSet<>(NAMES.values()));

  private ElementNames() {}

  /** The name of a type; empty where the file does not tell the type. */
  static Optional<String> of(int onnxNumber) {
    return onnxNumber == DataType.UNDEFINED.getNumber()
        ? Optional.empty()
        : Optional.of(NAMES.getOrDefault(onnxNumber, "type" + onnxNumber));
  }
}
