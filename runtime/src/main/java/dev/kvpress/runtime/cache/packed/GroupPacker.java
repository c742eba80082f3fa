package dev.kvpress.runtime.cache.packed;

import dev.kvpress.runtime.cache.packed.PackedGroups.Part;
import dev.kvpress.runtime.file.FloatDecoder;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Packs and unpacks the keys of a group or one value at a time; not thread-safe. */
final class GroupPacker {
  private final BlockShape shape;
  private final BlockGrid grid;
  private final float[] least;
  private final float[] most;
  // [n, g] of keys, of which a value takes the first n.
  private final byte[] codes;

  GroupPacker(BlockShape shape) {
    this.shape = shape;
    this.grid = new BlockGrid(shape.top());
    this.least = new float[shape.headSize()];
    this.most = new float[shape.headSize()];
    this.codes = new byte[shape.vectorBytes() * shape.tokens()];
  }

  /**
   * Packs keys.
   *
   * @param keys {@code [g, D]}; in place of holes the key of a token of the group
   * @throws IllegalArgumentException naming the channel that cannot be packed
   */
  void packKeys(float[] keys, PackedGroups into, int head, int group) {
    findSpans(keys);
    Arrays.fill(codes, (byte) 0);
    int size = shape.headSize();
    int planes = shape.vectorBytes();
    ByteBuffer scales = into.bytesOf(Part.KEY_SCALES);
    ByteBuffer minima = into.bytesOf(Part.KEY_MINIMA);
    int scaleAt = into.offset(Part.KEY_SCALES, head, group);
    int minimumAt = into.offset(Part.KEY_MINIMA, head, group);
    for (int d = 0; d < size; d++) {
      fit(least[d], most[d], "keys", head, d);
      scales.putShort(scaleAt + d * Short.BYTES, grid.scale());
      minima.putShort(minimumAt + d * Short.BYTES, grid.minimum());
      int up = d / planes * shape.bits();
      int plane = d % planes * shape.tokens();
      for (int t = 0; t < shape.tokens(); t++) {
        codes[plane + t] |= (byte) (grid.code(keys[t * size + d]) << up);
      }
    }
    into.bytesOf(Part.KEY_CODES).put(into.offset(Part.KEY_CODES, head, group), codes);
  }

  private void findSpans(float[] keys) {
    int size = shape.headSize();
    System.arraycopy(keys, 0, least, 0, size);
    System.arraycopy(keys, 0, most, 0, size);
    for (int t = 1; t < shape.tokens(); t++) {
      for (int d = 0; d < size; d++) {
        least[d] = Math.min(least[d], keys[t * size + d]);
        most[d] = Math.max(most[d], keys[t * size + d]);
      }
    }
  }

  /**
   * Packs one value.
   *
   * @param values its D numbers begin at {@code from}
   * @param slot counts over the groups of the head
   * @throws IllegalArgumentException naming the first channel of the block that cannot be packed
   */
  void packValue(float[] values, int from, PackedGroups into, int head, int slot) {
    int bytes = shape.vectorBytes();
    Arrays.fill(codes, 0, bytes, (byte) 0);
    int scaleAt = at(Part.VALUE_SCALES, into, head, slot);
    int minimumAt = at(Part.VALUE_MINIMA, into, head, slot);
    for (int block = 0; block < shape.valueBlocks(); block++) {
      int first = block * shape.channels();
      float min = values[from + first];
      float max = min;
      for (int d = first + 1; d < first + shape.channels(); d++) {
        min = Math.min(min, values[from + d]);
        max = Math.max(max, values[from + d]);
      }
      fit(min, max, "values", head, first);
      into.bytesOf(Part.VALUE_SCALES).putShort(scaleAt + block * Short.BYTES, grid.scale());
      into.bytesOf(Part.VALUE_MINIMA).putShort(minimumAt + block * Short.BYTES, grid.minimum());
      for (int d = first; d < first + shape.channels(); d++) {
        codes[d % bytes] |= (byte) (grid.code(values[from + d]) << d / bytes * shape.bits());
      }
    }
    into.bytesOf(Part.VALUE_CODES).put(at(Part.VALUE_CODES, into, head, slot), codes, 0, bytes);
  }

  private void fit(float min, float max, String what, int head, int channel) {
    boolean numbers = Float.isFinite(min) && Float.isFinite(max);
    if (!numbers || !grid.fit(min, max)) {
      throw new IllegalArgumentException(
          "channel %d of the %s of head %d (rows and KV heads counted together) cannot be quantised: it reaches from %s to %s, %s"
              .formatted(
                  channel,
                  what,
                  head,
                  min,
                  max,
                  numbers ? "beyond what float16 scales hold" : "which are no finite numbers"));
    }
  }

  private int at(Part part, PackedGroups groups, int head, int slot) {
    return groups.offset(part, head, 0) + slot * part.tokenBytes(shape);
  }

  /** Unpacks the keys of a group to {@code [g, D]}, what stands in holes included. */
  void unpackKeys(PackedGroups from, int head, int group, float[] keys) {
    from.bytesOf(Part.KEY_CODES).get(from.offset(Part.KEY_CODES, head, group), codes);
    int size = shape.headSize();
    int planes = shape.vectorBytes();
    for (int d = 0; d < size; d++) {
      float scale = half(from, Part.KEY_SCALES, from.offset(Part.KEY_SCALES, head, group), d);
      float minimum = half(from, Part.KEY_MINIMA, from.offset(Part.KEY_MINIMA, head, group), d);
      int up = d / planes * shape.bits();
      int plane = d % planes * shape.tokens();
      for (int t = 0; t < shape.tokens(); t++) {
        keys[t * size + d] = scale * (codes[plane + t] >> up & shape.top()) + minimum;
      }
    }
  }

  /** Unpacks one value to {@code values[into..into + D)}. */
  void unpackValue(PackedGroups from, int head, int slot, float[] values, int into) {
    int bytes = shape.vectorBytes();
    from.bytesOf(Part.VALUE_CODES).get(at(Part.VALUE_CODES, from, head, slot), codes, 0, bytes);
    for (int block = 0; block < shape.valueBlocks(); block++) {
      float scale = half(from, Part.VALUE_SCALES, at(Part.VALUE_SCALES, from, head, slot), block);
      float minimum = half(from, Part.VALUE_MINIMA, at(Part.VALUE_MINIMA, from, head, slot), block);
      int first = block * shape.channels();
      for (int d = first; d < first + shape.channels(); d++) {
        int code = codes[d % bytes] >> d / bytes * shape.bits() & shape.top();
        values[into + d] = scale * code + minimum;
      }
    }
  }

  private static float half(PackedGroups from, Part part, int at, int index) {
    return FloatDecoder.halfToFloat(from.bytesOf(part).getShort(at + index * Short.BYTES));
  }
}
