package dev.kvpress.runtime.file;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Optional;

/** Number formats of checkpoints, and how they become float32. */
public enum FloatDecoder {
  /** Single precision, as it stands. */
  F32(4, "float32") {
    @Override
    void widen(ByteBuffer in, ByteBuffer out) {
      out.put(in);
    }
  },
  /** IEEE half precision. */
  F16(2, "float16") {
    @Override
    void widen(ByteBuffer in, ByteBuffer out) {
      while (in.hasRemaining()) {
        out.putFloat(halfToFloat(in.getShort()));
      }
    }
  },
  /** The upper half of single precision. */
  BF16(2, "bfloat16") {
    @Override
    void widen(ByteBuffer in, ByteBuffer out) {
      while (in.hasRemaining()) {
        out.putInt(in.getShort() << 16);
      }
    }
  };

  private static final int CHUNK_ELEMENTS = 1 << 18;

  private final int bytes;
  private final String words;

  FloatDecoder(int bytes, String words) {
    this.bytes = bytes;
    this.words = words;
  }

  /** The format of a name in safetensors files; empty where it is none of these. */
  public static Optional<FloatDecoder> named(String type) {
    return Arrays.stream(values()).filter(decoder -> decoder.name().equals(type)).findFirst();
  }

  /** Its name for people. */
  public String words() {
    return words;
  }

  /** Bytes of a number. */
  public int bytes() {
    return bytes;
  }

  abstract void widen(ByteBuffer in, ByteBuffer out);

  /** Copies {@code elements} numbers from an offset of a file, widened to little-endian float32. */
  public void copy(FileChannel in, long offset, long elements, WritableByteChannel out)
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

  /** Reads {@code elements} numbers from an offset of a file. */
  public float[] read(FileChannel in, long offset, int elements) throws IOException {
    ByteBuffer source =
        ByteBuffer.allocate(Math.multiplyExact(elements, bytes)).order(ByteOrder.LITTLE_ENDIAN);
    readFully(in, offset, source);
    return widened(source.flip());
  }

  /** The numbers between a little-endian buffer's position and limit, as float32. */
  public float[] widened(ByteBuffer source) {
    float[] values = new float[source.remaining() / bytes];
    ByteBuffer target =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    widen(source, target);
    target.flip().asFloatBuffer().get(values);
    return values;
  }

  /** Fills a buffer from an offset of a file. */
  public static void readFully(FileChannel in, long offset, ByteBuffer target) throws IOException {
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
  public static float halfToFloat(short half) {
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

  /** binary32 to IEEE 754 binary16, to the nearest and of two to the even one. */
  public static short floatToHalf(float number) {
    int bits = Float.floatToRawIntBits(number);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
      return (short) (sign | 0x7e00);
    }
    if (magnitude >= 0x47800000) {
      return (short) (sign | 0x7c00);
    }
    if (magnitude < 0x38800000) {
      // Below the smallest normal half: whole multiples of 2^-24, which adding 0.5 rounds to.
      float shifted = Float.intBitsToFloat(magnitude) + 0.5f;
      return (short) (sign | Float.floatToRawIntBits(shifted) - 0x3f000000);
    }
    int even = magnitude >>> 13 & 1;
    return (short) (sign | (magnitude - 0x38000000 + 0xfff + even) >>> 13);
  }
}
