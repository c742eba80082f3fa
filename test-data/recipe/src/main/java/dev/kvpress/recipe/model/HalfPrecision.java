package dev.kvpress.recipe.model;

/** Two-byte floats, rounded to nearest even; Java has its own conversion only from 20 on. */
final class HalfPrecision {
  private static final float F16_MAX = 65504f;

  private HalfPrecision() {}

  static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) 0x7FC0;
    }
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  static float fromBf16(short value) {
    return Float.intBitsToFloat((value & 0xFFFF) << 16);
  }

  static short toF16(float value) {
    int sign = (Float.floatToRawIntBits(value) >>> 16) & 0x8000;
    float magnitude = Math.abs(value);
    if (Float.isNaN(value)) {
      return (short) 0x7E00;
    }
    if (magnitude > F16_MAX) {
      throw new IllegalArgumentException(value + " does not fit in half precision");
    }
    // Below 2^-14 the spacing no longer shrinks.
    int exponent = Math.max(Math.getExponent(magnitude), -14);
    float spacing = Math.scalb(1f, exponent - 10);
    int steps = (int) Math.rint(magnitude / spacing);
    // steps counts in units of the spacing; normal numbers have 1024 to 2048 of them, and a carry
    // into 2048 runs into the exponent field by itself.
    int bits = magnitude < Math.scalb(1f, -14) ? steps : ((exponent + 14) << 10) + steps;
    return (short) (sign | bits);
  }

  static float fromF16(short value) {
    int bits = value & 0xFFFF;
    int exponent = (bits >>> 10) & 0x1F;
    int fraction = bits & 0x3FF;
    float magnitude =
        exponent == 0
            ? Math.scalb((float) fraction, -24)
            : exponent == 31
                ? (fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
                : Math.scalb((float) (fraction + 1024), exponent - 25);
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
  }
}
