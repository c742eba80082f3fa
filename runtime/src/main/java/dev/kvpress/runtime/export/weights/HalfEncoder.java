package dev.kvpress.runtime.export.weights;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FloatDecoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** Rounds numbers to IEEE 754 binary16, to the nearest and of two to the even one. */
final class HalfEncoder extends FloatEncoder {
  private static final int BAND = 1 << 16;

  private final String weight;
  private final WritableByteChannel out;
  private final boolean widened;
  private final ByteBuffer bytes;

  /**
   * Writes to a channel.
   *
   * @param weight its name, for messages
   * @param widened whether the rounded numbers are written as float32
   */
  HalfEncoder(String weight, WritableByteChannel out, boolean widened) {
    super(BAND);
    this.weight = weight;
    this.out = out;
    this.widened = widened;
    this.bytes =
        ByteBuffer.allocate(BAND * (widened ? Float.BYTES : Short.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  void encode(float[] numbers, int length) throws IOException {
    bytes.clear();
    for (int i = 0; i < length; i++) {
      short half = round(numbers[i]);
      if (widened) {
        bytes.putFloat(FloatDecoder.halfToFloat(half));
      } else {
        bytes.putShort(half);
      }
    }
    writeFully(out, bytes.flip());
  }

  private short round(float number) {
    short half = FloatDecoder.floatToHalf(number);
    boolean infinite = (half & 0x7fff) == 0x7c00;
    if (infinite && !Float.isInfinite(number)) {
      throw new ModelException(
          "weight %s: f16 holds numbers up to 65504, found %s; use --weights f32 or int8"
              .formatted(weight, number));
    }
    return half;
  }
}
