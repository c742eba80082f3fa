package dev.kvpress.runtime.graph;

import dev.kvpress.runtime.onnx.TensorProto.DataType;
import java.util.Optional;

/**
 * Element types that inputs and outputs of a decoder graph may have, without naming ONNX Runtime or
 * protobuf.
 */
public enum ElementType {
  /** Single precision. */
  FLOAT32(DataType.FLOAT, 4),
  /** IEEE half precision. */
  FLOAT16(DataType.FLOAT16, 2),
  /** The upper half of single precision. */
  BFLOAT16(DataType.BFLOAT16, 2),
  /** Long. */
  INT64(DataType.INT64, 8),
  /** Int. */
  INT32(DataType.INT32, 4),
  /** True or false, a byte each. */
  BOOL(DataType.BOOL, 1),
  /** Codes of packed caches; no graph that is read has it at its border. */
  UINT8(DataType.UINT8, 1);

  private final DataType onnx;
  private final int bytes;

  ElementType(DataType onnx, int bytes) {
    this.onnx = onnx;
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether keys, values and logits may be of this type. */
  public boolean isFloat() {
    return this == FLOAT32 || this == FLOAT16 || this == BFLOAT16;
  }

  /** Number of the type in ONNX files. */
  public int onnxNumber() {
    return onnx.getNumber();
  }

  /** The type of a number in ONNX files; empty for types that caches, ids and logits never have. */
  public static Optional<ElementType> ofOnnx(int number) {
    for (ElementType type : values()) {
      if (type != UINT8 && type.onnx.getNumber() == number) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
