package dev.kvpress.compare.bench;

/** Float32 to IEEE 754 binary16; Java 17 has no such conversion yet. */
public final class HalfFloat {
  /** The smallest number that rounds to more than the format holds: 65504 and half a step. */
  private static final float TOO_LARGE = 65520f;

  /** Below it numbers have a fixed step of 2^-24. */
  private static final float SMALLEST_NORMAL = 0x1p-14f;

  private HalfFloat() {}

  /** The 16 bits, rounded to the nearest and of two as near to the even. */
  public static short bits(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= TOO_LARGE) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < SMALLEST_NORMAL) {
      // The result may be 0x400, which is the smallest normal number's bits.
      return (short) (sign | (int) Math.rint(magnitude * 0x1p24));
    }
    int bits = Float.floatToRawIntBits(magnitude);
    int rounded = bits + 0xfff + (bits >>> 13 & 1);
    // Exponents are counted from 127 in one format and from 15 in the other.
    return (short) (sign | (rounded - (127 - 15 << 23)) >>> 13);
  }
}
