package dev.kvpress.runtime.export.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/**
 * Takes little-endian float32 numbers in pieces of any size and hands them on in bands of a fixed
 * one, the last perhaps shorter. Closing hands on what is left; the channels behind stay open.
 */
abstract class FloatEncoder implements WritableByteChannel {
  private final float[] band;
  private int filled;
  private boolean open = true;

  /**
   * Hands on bands.
   *
   * @param bandLength numbers of each
   */
  FloatEncoder(int bandLength) {
    band = new float[bandLength];
  }

  /**
   * Encodes a band.
   *
   * @param numbers the band; only the first ones count
   * @param length how many
   */
  abstract void encode(float[] numbers, int length) throws IOException;

  /** Called once, after the last band. */
  void finish() throws IOException {}

  @Override
  public final int write(ByteBuffer source) throws IOException {
    int bytes = source.remaining();
    if (bytes % Float.BYTES != 0) {
      throw new IllegalArgumentException("expected whole numbers of 4 bytes, found " + bytes);
    }
    var numbers = source.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    while (numbers.hasRemaining()) {
      int count = Math.min(numbers.remaining(), band.length - filled);
      numbers.get(band, filled, count);
      filled += count;
      if (filled == band.length) {
        encode(band, filled);
        filled = 0;
      }
    }
    source.position(source.limit());
    return bytes;
  }

  @Override
  public final boolean isOpen() {
    return open;
  }

  @Override
  public final void close() throws IOException {
    if (open) {
      open = false;
      if (filled > 0) {
        encode(band, filled);
      }
      finish();
    }
  }

  static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
