package dev.kvpress.runtime.cache;

import dev.kvpress.runtime.file.FloatDecoder;
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
            case FLOAT16 -> FloatDecoder.halfToFloat(half);
            case BFLOAT16 -> Float.intBitsToFloat(half << 16);
            default -> throw new IllegalArgumentException("expected 16-bit floats, found " + type);
          };
    }
    return FloatBuffer.wrap(wide);
  }
}
