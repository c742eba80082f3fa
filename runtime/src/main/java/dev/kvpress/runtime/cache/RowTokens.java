package dev.kvpress.runtime.cache;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.graph.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the tokens of one row lie in the memory of a layer that several rows share: {@code [G]}
 * runs, one for each KV head. A view that is valid until the memory changes.
 */
public final class RowTokens {
  private final HostLayerStore.Layout layout;
  // [G, C, D] of the row alone.
  private final KeyValueRows memory;
  private final int capacity;
  private final int[] starts;
  private final int[] counts;

  private RowTokens(
      HostLayerStore.Layout layout, KeyValueMemory memory, int row, int[] starts, int[] counts) {
    this.layout = layout;
    this.capacity = memory.capacity();
    int bytes = Math.toIntExact(layout.bytes(capacity));
    this.memory =
        new KeyValueRows(
            part(memory.keyBytes(), row * bytes, bytes),
            part(memory.valueBytes(), row * bytes, bytes),
            layout.rowBytes());
    this.starts = starts;
    this.counts = counts;
  }

  private static ByteBuffer part(ByteBuffer all, int from, int bytes) {
    return all.slice(from, bytes).order(ByteOrder.nativeOrder());
  }

  /**
   * Tokens that are the last of their slots.
   *
   * @param layout of one row
   * @param slots P, slots of the memory that are in use
   * @param counts {@code [G]}
   */
  public static RowTokens rightAligned(
      HostLayerStore.Layout layout, KeyValueMemory memory, int row, int slots, int[] counts) {
    int[] starts = new int[counts.length];
    Arrays.setAll(starts, g -> slots - counts[g]);
    return new RowTokens(layout, memory, row, starts, counts);
  }

  /** Tokens that begin at the first slot. */
  public static RowTokens leftAligned(
      HostLayerStore.Layout layout, KeyValueMemory memory, int row, int[] counts) {
    return new RowTokens(layout, memory, row, new int[counts.length], counts);
  }

  /** {@code [G]}, tokens of each head of a ledger of one row. */
  public static int[] counts(LayerLedger ledger) {
    int[] counts = new int[ledger.kvHeads()];
    Arrays.setAll(counts, g -> ledger.length(0, g));
    return counts;
  }

  /** {@code [G]}, how many tokens an edit leaves of each head. */
  public int[] countsAfter(CacheEdit edit) {
    int[] after = counts.clone();
    edit.kept().ifPresent(kept -> Arrays.setAll(after, g -> kept.count(0, g)));
    return after;
  }

  /** Keys {@code [1, G, S, D]}. */
  public HeadVectors keys() {
    return view(memory.keys());
  }

  /** Values {@code [1, G, S, D]}. */
  public HeadVectors values() {
    return view(memory.values());
  }

  private HeadVectors view(ByteBuffer bytes) {
    int[] first = new int[starts.length];
    Arrays.setAll(first, g -> first(g) * layout.headSize());
    FloatBuffer floats =
        layout.type() == ElementType.FLOAT32
            ? bytes.asFloatBuffer()
            : HalfFloats.widen(bytes, layout.type(), bytes.capacity());
    return new HeadVectors(floats, layout.kvHeads(), first, layout.headSize());
  }

  /**
   * Carries out an edit on the way to other memory, or within this one where no token goes to a
   * later slot.
   *
   * @param target where the tokens go, with {@link #countsAfter} tokens
   */
  public void moveTo(RowTokens target, CacheEdit edit) {
    // They may be views of this memory, which the target may share.
    float @Nullable [][] newKeys = edit.keys().map(k -> read(k, target)).orElse(null);
    float @Nullable [][] newValues = edit.values().map(v -> read(v, target)).orElse(null);
    for (int g = 0; g < counts.length; g++) {
      moveHead(g, target, edit);
    }
    target.write(target.memory.keys(), newKeys);
    target.write(target.memory.values(), newValues);
    edit.zeroedChannels()
        .ifPresent(
            zeroed -> {
              for (int g = 0; g < counts.length; g++) {
                target.memory.zeroChannels(
                    target.first(g), target.counts[g], zeroed.of(0, g), layout.type().bytes());
              }
            });
  }

  private void moveHead(int head, RowTokens target, CacheEdit edit) {
    KeptSlots kept = edit.kept().orElse(null);
    if (kept == null) {
      memory.copy(first(head), target.memory, target.first(head), counts[head]);
    } else {
      memory.copyKept(kept.of(0, head), first(head), target.memory, target.first(head));
    }
  }

  /** The memory's row of a head's first token. */
  private int first(int head) {
    return head * capacity + starts[head];
  }

  private static float[][] read(HeadVectors vectors, RowTokens target) {
    float[][] all = new float[target.counts.length][];
    for (int g = 0; g < all.length; g++) {
      all[g] = new float[target.counts[g] * vectors.size()];
      vectors.read(0, g, 0, target.counts[g], all[g]);
    }
    return all;
  }

  private void write(ByteBuffer bytes, float @Nullable [][] vectors) {
    if (vectors == null) {
      return;
    }
    FloatBuffer floats = bytes.asFloatBuffer();
    for (int g = 0; g < vectors.length; g++) {
      floats.put(first(g) * layout.headSize(), vectors[g]);
    }
  }

  /** Clears the padding before the tokens. */
  void clearPadding() {
    for (int g = 0; g < counts.length; g++) {
      memory.clear(g * capacity, starts[g]);
    }
  }
}
