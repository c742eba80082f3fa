package dev.kvpress.runtime.export;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;

/** Number formats of checkpoints, and how they become float32. */
enum FloatDecoder {
  F32(4) {
    @Override
    void widen(ByteBuffer in, ByteBuffer out) {
      out.put(in);
    }
  },
  F16(2) {
    @Override
    void widen(ByteBuffer in, ByteBuffer out) {
      while (in.hasRemaining()) {
        out.putFloat(halfToFloat(in.getShort()));
      }
    }
  },
  BF16(2) {
    @Override
    void widen(ByteBuffer in, ByteBuffer out) {
      while (in.hasRemaining()) {
        out.putInt(in.getShort() << 16);
      }
    }
  };

  private static final int CHUNK_ELEMENTS = 1 << 18;

  private final int bytes;

  FloatDecoder(int bytes) {
    this.bytes = bytes;
  }

  int bytes() {
    return bytes;
  }

  abstract void widen(ByteBuffer in, ByteBuffer out);

  /** Copies {@code elements} numbers from an offset of a file, widened to little-endian float32. */
  void copy(FileChannel in, long offset, long elements, WritableByteChannel out)
      throws IOException {
    int most = (int) Math.min(elements, CHUNK_ELEMENTS);
    ByteBuffer source = ByteBuffer.allocateDirect(most * bytes).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer target =
        ByteBuffer.allocateDirect(most * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    long position = offset;
    for (long left = elements; left > 0; left -= most) {
      int count = (int) Math.min(left, most);
      source.clear().limit(count * bytes);
      readFully(in, position, source);
      position += (long) count * bytes;
      target.clear();
      widen(source.flip(), target);
      target.flip();
      while (target.hasRemaining()) {
        out.write(target);
      }
    }
  }

  /** Fills a buffer from an offset of a file. */
  static void readFully(FileChannel in, long offset, ByteBuffer target) throws IOException {
    long position = offset;
    while (target.hasRemaining()) {
      int read = in.read(target, position);
      if (read < 0) {
        throw new EOFException("the file ended at byte " + position + " while it was read");
      }
      position += read;
    }
  }

  /** IEEE 754 binary16 to binary32; Java 17 has no such conversion yet. */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >>> 10) & 0x1f;
    int mantissa = half & 0x3ff;
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f800000 | (mantissa << 13));
    }
    if (exponent == 0) {
      // Subnormal halves are mantissa · 2^-24, which float32 holds exactly.
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (mantissa << 13));
  }
}
