package dev.kvpress.peers.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Gathers what stands before the numbers of a GGUF file: typed keys, then a list of tensors. */
final class GgufHeader {
  /** Bytes to whose multiples tensors are aligned. */
  static final int ALIGNMENT = 32;

  private static final int VERSION = 3;
  private static final int UINT32 = 4;
  private static final int INT32 = 5;
  private static final int FLOAT32 = 6;
  private static final int BOOL = 7;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  private final ByteArrayOutputStream keys = new ByteArrayOutputStream();
  private final ByteArrayOutputStream tensors = new ByteArrayOutputStream();
  private int keyCount;
  private int tensorCount;
  private long nextOffset;

  GgufHeader put(String key, int value) {
    begin(key, UINT32);
    int32(keys, value);
    return this;
  }

  GgufHeader put(String key, float value) {
    begin(key, FLOAT32);
    int32(keys, Float.floatToRawIntBits(value));
    return this;
  }

  GgufHeader put(String key, boolean value) {
    begin(key, BOOL);
    keys.write(value ? 1 : 0);
    return this;
  }

  GgufHeader put(String key, String value) {
    begin(key, STRING);
    string(keys, value);
    return this;
  }

  GgufHeader putStrings(String key, List<String> values) {
    beginArray(key, STRING, values.size());
    values.forEach(value -> string(keys, value));
    return this;
  }

  GgufHeader putInts(String key, int[] values) {
    beginArray(key, INT32, values.length);
    for (int value : values) {
      int32(keys, value);
    }
    return this;
  }

  GgufHeader putFloats(String key, float[] values) {
    beginArray(key, FLOAT32, values.length);
    for (float value : values) {
      int32(keys, Float.floatToRawIntBits(value));
    }
    return this;
  }

  /**
   * Announces the next tensor.
   *
   * @param shape outermost first, as in checkpoints; the format wants the innermost first
   */
  GgufHeader tensor(String name, List<Long> shape, GgufType type, long bytes) {
    tensorCount++;
    string(tensors, name);
    int32(tensors, shape.size());
    for (int i = shape.size() - 1; i >= 0; i--) {
      int64(tensors, shape.get(i));
    }
    int32(tensors, type.id());
    int64(tensors, nextOffset);
    nextOffset = aligned(nextOffset + bytes);
    return this;
  }

  /** The next multiple of the alignment. */
  static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** All of it, up to where the first tensor begins. */
  ByteBuffer bytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    int32(all, VERSION);
    int64(all, tensorCount);
    int64(all, keyCount);
    all.writeBytes(keys.toByteArray());
    all.writeBytes(tensors.toByteArray());
    all.writeBytes(new byte[(int) (aligned(all.size()) - all.size())]);
    return ByteBuffer.wrap(all.toByteArray());
  }

  private void begin(String key, int type) {
    keyCount++;
    string(keys, key);
    int32(keys, type);
  }

  private void beginArray(String key, int elementType, int size) {
    begin(key, ARRAY);
    int32(keys, elementType);
    int64(keys, size);
  }

  private static void string(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int64(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void int32(ByteArrayOutputStream out, int value) {
    out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  private static void int64(ByteArrayOutputStream out, long value) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
  }
}
