package dev.kvpress.peers.gguf;

import dev.kvpress.runtime.file.FloatDecoder;
import java.nio.ByteBuffer;

/** How a tensor's numbers lie in a GGUF file; rows are cut into blocks with a scale each. */
public enum GgufType {
  F32(0, 1, Float.BYTES) {
    @Override
    void putBlock(float[] values, int from, ByteBuffer out) {
      out.putFloat(values[from]);
    }
  },

  /** 32 signed bytes behind a scale: x ≈ scale · q with q in [-127, 127]. */
  Q8_0(8, 32, 34) {
    @Override
    void putBlock(float[] values, int from, ByteBuffer out) {
      float largest = Math.abs(values[largestAt(values, from)]);
      float scale = largest / 127;
      out.putShort(FloatDecoder.floatToHalf(scale));
      for (int i = 0; i < blockSize(); i++) {
        // Rounded by the exact scale: that as it is stored would send the largest beyond 127.
        out.put((byte) (scale == 0 ? 0 : Math.round(values[from + i] / scale)));
      }
    }
  },

  /**
   * 32 numbers of 4 bits behind a scale: x ≈ scale · (q - 8) with q in [0, 15]. The number of
   * largest magnitude is given q = 0, so the scale has the opposite sign. Byte i holds number i in
   * its lower half and number i + 16 in its upper one.
   */
  Q4_0(2, 32, 18) {
    @Override
    void putBlock(float[] values, int from, ByteBuffer out) {
      float scale = values[largestAt(values, from)] / -8;
      out.putShort(FloatDecoder.floatToHalf(scale));
      for (int i = 0; i < blockSize() / 2; i++) {
        int low = nibble(values[from + i], scale);
        int high = nibble(values[from + i + blockSize() / 2], scale);
        out.put((byte) (low | high << 4));
      }
    }
  };

  private final int id;
  private final int blockSize;
  private final int blockBytes;

  GgufType(int id, int blockSize, int blockBytes) {
    this.id = id;
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
  }

  /** The format's number for it. */
  int id() {
    return id;
  }

  /** Numbers that share a scale; rows are whole blocks. */
  int blockSize() {
    return blockSize;
  }

  /** Bytes of a tensor whose rows are whole blocks. */
  long bytes(long elements) {
    return elements / blockSize * blockBytes;
  }

  abstract void putBlock(float[] values, int from, ByteBuffer out);

  /** Puts whole blocks into a little-endian buffer. */
  void put(float[] values, ByteBuffer out) {
    for (int from = 0; from < values.length; from += blockSize) {
      putBlock(values, from, out);
    }
  }

  /** The numbers that a reader of the format gets, for tests and for measuring the loss. */
  float[] read(ByteBuffer in, int elements) {
    float[] values = new float[elements];
    for (int from = 0; from < elements; from += blockSize) {
      float scale = this == F32 ? 1 : FloatDecoder.halfToFloat(in.getShort());
      switch (this) {
        case F32 -> values[from] = in.getFloat();
        case Q8_0 -> {
          for (int i = 0; i < blockSize; i++) {
            values[from + i] = scale * in.get();
          }
        }
        case Q4_0 -> {
          for (int i = 0; i < blockSize / 2; i++) {
            int both = in.get();
            values[from + i] = scale * ((both & 15) - 8);
            values[from + i + blockSize / 2] = scale * ((both >> 4 & 15) - 8);
          }
        }
      }
    }
    return values;
  }

  int largestAt(float[] values, int from) {
    int largest = from;
    for (int i = from + 1; i < from + blockSize; i++) {
      if (Math.abs(values[i]) > Math.abs(values[largest])) {
        largest = i;
      }
    }
    return largest;
  }

  private static int nibble(float value, float scale) {
    return scale == 0 ? 8 : Math.max(0, Math.min(15, Math.round(value / scale) + 8));
  }
}
