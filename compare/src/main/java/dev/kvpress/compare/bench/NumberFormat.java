package dev.kvpress.compare.bench;

import dev.kvpress.runtime.file.FloatDecoder;

/** How a random checkpoint stores its numbers, by their names in safetensors files. */
enum NumberFormat {
  F32(4),
  F16(2),
  BF16(2);

  private final int bytes;

  NumberFormat(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of a number. */
  int bytes() {
    return bytes;
  }

  /** Name of the format in config.json. */
  String torchName() {
    return switch (this) {
      case F32 -> "float32";
      case F16 -> "float16";
      case BF16 -> "bfloat16";
    };
  }

  /** The bits that stand for a number, rounded to the nearest and of two as near to the even. */
  int bits(float value) {
    return switch (this) {
      case F32 -> Float.floatToRawIntBits(value);
      case F16 -> FloatDecoder.floatToHalf(value);
      case BF16 -> {
        int bits = Float.floatToRawIntBits(value);
        yield (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16;
      }
    };
  }
}
