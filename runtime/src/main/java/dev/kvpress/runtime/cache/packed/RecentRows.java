package dev.kvpress.runtime.cache.packed;

import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.runtime.cache.BufferPool;
import dev.kvpress.runtime.cache.HostLayerStore;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.BitSet;

/** The most recent tokens in full: float rows {@code [B*G, R, D]} of a dense store. */
final class RecentRows {
  private final HostLayerStore store;
  private final int rows;
  private final int size;
  private final FloatBuffer keys;
  private final FloatBuffer values;

  /** The rows of a dense store. */
  RecentRows(HostLayerStore store, HostLayerStore.Layout layout) {
    this.store = store;
    this.rows = store.slots();
    this.size = layout.headSize();
    this.keys = store.keyBytes().asFloatBuffer();
    this.values = store.valueBytes().asFloatBuffer();
  }

  /**
   * Rows of zeros: what stands before the tokens of shorter heads is still multiplied.
   *
   * @param rows R
   * @param room rows to take memory for
   */
  static RecentRows cleared(BufferPool pool, HostLayerStore.Layout layout, int rows, int room) {
    RecentRows made = new RecentRows(HostLayerStore.unfilled(pool, layout, rows, room), layout);
    clear(made.store.keyBytes());
    clear(made.store.valueBytes());
    return made;
  }

  private static void clear(ByteBuffer bytes) {
    for (int i = 0; i < bytes.capacity(); i++) {
      bytes.put(i, (byte) 0);
    }
  }

  HostLayerStore store() {
    return store;
  }

  /** Fills the last rows of a head with tokens of a view. */
  void fill(
      int head, HeadVectors allKeys, HeadVectors allValues, int row, int kvHead, int from, int to) {
    float[] run = new float[(to - from) * size];
    int at = (head * rows + rows - (to - from)) * size;
    allKeys.read(row, kvHead, from, to, run);
    keys.put(at, run);
    allValues.read(row, kvHead, from, to, run);
    values.put(at, run);
  }

  /** Fills the last rows of a head with some rows of another memory. */
  void fill(int head, RecentRows source, BitSet chosen) {
    int to = rows - chosen.cardinality();
    for (int row = chosen.nextSetBit(0); row >= 0; row = chosen.nextSetBit(row + 1)) {
      int from = (head * source.rows + row) * size;
      keys.put((head * rows + to) * size, source.keys, from, size);
      values.put((head * rows + to) * size, source.values, from, size);
      to++;
    }
  }

  void readKey(int head, int row, float[] into, int at) {
    keys.get((head * rows + row) * size, into, at, size);
  }

  void readValue(int head, int row, float[] into, int at) {
    values.get((head * rows + row) * size, into, at, size);
  }

  void writeKey(int head, int row, float[] key) {
    keys.put((head * rows + row) * size, key, 0, size);
  }

  void writeValue(int head, int row, float[] value) {
    values.put((head * rows + row) * size, value, 0, size);
  }

  void zeroChannel(int head, int channel) {
    for (int row = 0; row < rows; row++) {
      keys.put((head * rows + row) * size + channel, 0);
    }
  }
}
