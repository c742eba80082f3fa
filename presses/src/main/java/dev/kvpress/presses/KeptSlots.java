package dev.kvpress.presses;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The cache slots that stay, for each batch row and KV head; counts may differ between heads.
 *
 * <p>A slot is an index into the tokens which are in the cache now, oldest first. In a cache that
 * was never cut the slot is the token's position.
 */
public final class KeptSlots {
  private final int batch;
  private final int kvHeads;
  private final int[][] slots;

  /**
   * Takes the slots.
   *
   * @param batch B
   * @param kvHeads G
   * @param slots {@code [B*G][kept]}, ascending, row by row and in it head by head
   * @throws IllegalArgumentException if a list is missing, not ascending or negative
   */
  public KeptSlots(int batch, int kvHeads, int[][] slots) {
    checkArgument(
        slots.length == batch * kvHeads,
        "expected kept slots for %s heads (batch %s x KV heads %s), found %s",
        batch * kvHeads,
        batch,
        kvHeads,
        slots.length);
    this.batch = batch;
    this.kvHeads = kvHeads;
    this.slots = new int[slots.length][];
    for (int i = 0; i < slots.length; i++) {
      int[] own = slots[i].clone();
      int last = -1;
      for (int slot : own) {
        // Not checkArgument, which would box its arguments for every token.
        if (slot <= last) {
          throw new IllegalArgumentException(
              "kept slots of row %d, KV head %d must be ascending and not negative, found %d after %d"
                  .formatted(i / kvHeads, i % kvHeads, slot, last));
        }
        last = slot;
      }
      this.slots[i] = own;
    }
  }

  /** Chooses the slots of one head. */
  public interface Choice {
    /** The slots that stay in one head, ascending. */
    int[] of(int row, int kvHead);
  }

  /** The slots that are chosen for each head of a layer, row by row. */
  public static KeptSlots chosen(LayerSignals layer, Choice choice) {
    int[][] slots = new int[layer.batch() * layer.kvHeads()][];
    for (int head = 0; head < slots.length; head++) {
      slots[head] = choice.of(head / layer.kvHeads(), head % layer.kvHeads());
    }
    return new KeptSlots(layer.batch(), layer.kvHeads(), slots);
  }

  /** Every slot of a layer. */
  public static KeptSlots all(LayerSignals layer) {
    return chosen(layer, (b, g) -> IntStream.range(0, layer.length(b, g)).toArray());
  }

  /** Whether some head of a layer loses a token. */
  boolean removesFrom(LayerSignals layer) {
    for (int head = 0; head < slots.length; head++) {
      if (slots[head].length < layer.length(head / kvHeads, head % kvHeads)) {
        return true;
      }
    }
    return false;
  }

  /** Batch rows, B. */
  public int batch() {
    return batch;
  }

  /** KV heads, G. */
  public int kvHeads() {
    return kvHeads;
  }

  /** Number of tokens that stay in one head. */
  public int count(int row, int kvHead) {
    return slots[row * kvHeads + kvHead].length;
  }

  /** The {@code i}-th kept slot of one head. */
  public int slot(int row, int kvHead, int i) {
    return slots[row * kvHeads + kvHead][i];
  }

  /** A copy of the kept slots of one head, ascending. */
  public int[] of(int row, int kvHead) {
    return slots[row * kvHeads + kvHead].clone();
  }

  /** The slots that stay when an edit of what stayed here follows. */
  public KeptSlots then(KeptSlots next) {
    int[][] both = new int[slots.length][];
    for (int head = 0; head < slots.length; head++) {
      both[head] = next.slots[head].clone();
      for (int i = 0; i < both[head].length; i++) {
        both[head][i] = slots[head][both[head][i]];
      }
    }
    return new KeptSlots(batch, kvHeads, both);
  }

  /** The largest count of any head: what a padded tensor has to hold. */
  public int maxCount() {
    int max = 0;
    for (int[] s : slots) {
      max = Math.max(max, s.length);
    }
    return max;
  }

  /** Whether every head of every row keeps the same number of tokens. */
  public boolean isEven() {
    for (int[] s : slots) {
      if (s.length != slots[0].length) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeptSlots that
        && kvHeads == that.kvHeads
        && Arrays.deepEquals(slots, that.slots);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(slots);
  }

  @Override
  public String toString() {
    return Arrays.deepToString(slots);
  }
}
