package dev.kvpress.compare.replay;

import dev.kvpress.presses.ZeroedChannels;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Copies of keys or values with something changed. */
final class CachedVectors {
  private CachedVectors() {}

  /**
   * Old vectors with new ones behind them in each head.
   *
   * @param ledger knows the old lengths; the new tokens are not booked yet
   * @param tokens new tokens of each head
   */
  static HeadVectors join(HeadVectors old, HeadVectors added, LayerLedger ledger, int tokens) {
    int heads = ledger.batch() * ledger.kvHeads();
    int size = old.size();
    int[] starts = new int[heads];
    int total = 0;
    for (int head = 0; head < heads; head++) {
      starts[head] = total;
      total += (length(ledger, head) + tokens) * size;
    }
    float[] joined = new float[total];
    for (int head = 0; head < heads; head++) {
      int row = head / ledger.kvHeads();
      int kvHead = head % ledger.kvHeads();
      int before = length(ledger, head);
      float[] part = new float[Math.max(before, tokens) * size];
      old.read(row, kvHead, 0, before, part);
      System.arraycopy(part, 0, joined, starts[head], before * size);
      added.read(row, kvHead, 0, tokens, part);
      System.arraycopy(part, 0, joined, starts[head] + before * size, tokens * size);
    }
    return new HeadVectors(FloatBuffer.wrap(joined), ledger.kvHeads(), starts, size);
  }

  /** The vectors with some channels set to zero. */
  static HeadVectors zeroed(HeadVectors vectors, ZeroedChannels channels, LayerLedger ledger) {
    int heads = ledger.batch() * ledger.kvHeads();
    int size = vectors.size();
    int stride = ledger.maxLength() * size;
    float[] copy = new float[heads * stride];
    int[] starts = new int[heads];
    Arrays.setAll(starts, head -> head * stride);
    float[] part = new float[stride];
    for (int head = 0; head < heads; head++) {
      int row = head / ledger.kvHeads();
      int kvHead = head % ledger.kvHeads();
      int length = length(ledger, head);
      vectors.read(row, kvHead, 0, length, part);
      for (int channel : channels.of(row, kvHead)) {
        for (int slot = 0; slot < length; slot++) {
          part[slot * size + channel] = 0;
        }
      }
      System.arraycopy(part, 0, copy, starts[head], length * size);
    }
    return new HeadVectors(FloatBuffer.wrap(copy), ledger.kvHeads(), starts, size);
  }

  private static int length(LayerLedger ledger, int head) {
    return ledger.length(head / ledger.kvHeads(), head % ledger.kvHeads());
  }
}
