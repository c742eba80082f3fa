package dev.kvpress.runtime.cache;

import dev.kvpress.runtime.graph.ElementType;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Widens 16-bit floats for presses and logits, which are float32. */
public final class HalfFloats {
  private HalfFloats() {}

  /**
   * A widened copy.
   *
   * @param bytes native order
   * @param type FLOAT16 or BFLOAT16
   * @param length bytes to read from the beginning
   */
  public static FloatBuffer widen(ByteBuffer bytes, ElementType type, long length) {
    float[] wide = new float[Math.toIntExact(length / 2)];
    for (int i = 0; i < wide.length; i++) {
      short half = bytes.getShort(2 * i);
      wide[i] =
          switch (type) {
            case FLOAT16 -> ofFloat16(half);
            case BFLOAT16 -> Float.intBitsToFloat(half << 16);
            default -> throw new IllegalArgumentException("expected 16-bit floats, found " + type);
          };
    }
    return FloatBuffer.wrap(wide);
  }

  private static float ofFloat16(short half) {
    int sign = half < 0 ? -1 : 1;
    int exponent = (half >> 10) & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0x1f) {
      return fraction == 0 ? sign * Float.POSITIVE_INFINITY : Float.NaN;
    }
    return exponent == 0
        ? sign * Math.scalb((float) fraction, -24)
        : sign * Math.scalb(1f + fraction / 1024f, exponent - 15);
  }
}
