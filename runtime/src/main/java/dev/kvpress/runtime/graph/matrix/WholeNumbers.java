package dev.kvpress.runtime.graph.matrix;

import dev.kvpress.runtime.onnx.TensorProto;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Types of whole numbers that weights are quantized to. Of two numbers in a byte the first stands
 * in its lower half.
 */
enum WholeNumbers {
  UINT8(2, 8, false),
  INT8(3, 8, true),
  UINT16(4, 16, false),
  INT16(5, 16, true),
  UINT4(21, 4, false),
  INT4(22, 4, true);

  private final int onnx;
  private final int bits;
  private final boolean signed;

  /**
   * A type.
   *
   * @param onnx its number in ONNX files
   */
  WholeNumbers(int onnx, int bits, boolean signed) {
    this.onnx = onnx;
    this.bits = bits;
    this.signed = signed;
  }

  /** The type of a tensor; empty where it holds something else. */
  static Optional<WholeNumbers> of(TensorProto tensor) {
    for (WholeNumbers type : values()) {
      if (type.onnx == tensor.getDataType()) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /** The packed numbers of a tensor. */
  ByteBuffer bytes(TensorProto tensor, Path folder, long count) {
    long bytes = (count * bits + Byte.SIZE - 1) / Byte.SIZE;
    return new TensorNumbers(tensor, folder).bytes(Math.max(1, bits / Byte.SIZE), bytes);
  }

  /** One of them. */
  int at(ByteBuffer packed, int index) {
    int number =
        switch (bits) {
          case 4 -> packed.get(index / 2) >> 4 * (index % 2) & 0xf;
          case 8 -> packed.get(index) & 0xff;
          default -> packed.getShort(2 * index) & 0xffff;
        };
    int unused = Integer.SIZE - bits;
    return signed ? number << unused >> unused : number;
  }
}
