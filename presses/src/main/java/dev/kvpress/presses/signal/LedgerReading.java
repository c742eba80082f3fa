package dev.kvpress.presses.signal;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.SavedState;
import java.util.Arrays;

/** Reads which tokens a cache holds out of a file, where anything may stand. */
final class LedgerReading {
  private final SavedState saved;
  private final int batch;
  private final int kvHeads;

  LedgerReading(SavedState saved, int batch, int kvHeads) {
    this.saved = saved;
    this.batch = batch;
    this.kvHeads = kvHeads;
  }

  /**
   * Reads.
   *
   * @param seen {@code [B]}, is filled
   * @param lengths {@code [B*G]}, is filled
   * @param positions {@code [B*G][length]}, is filled
   * @throws IllegalArgumentException naming what cannot be
   */
  void into(int[] seen, int[] lengths, int[][] positions) {
    checkArgument(saved.kind().equals(LayerLedger.KIND), "no account of tokens: %s", saved.kind());
    int[] seenOfRows = saved.ints("seen", batch);
    int[] counts = saved.ints("lengths", (long) batch * kvHeads);
    long total = 0;
    for (int head = 0; head < counts.length; head++) {
      int tokens = seenOfRows[head / kvHeads];
      checkArgument(
          tokens >= 0 && counts[head] >= 0 && counts[head] <= tokens,
          "head %s holds %s tokens of %s that have passed",
          head,
          counts[head],
          tokens);
      total += counts[head];
    }
    int[] all = saved.ints("positions", total);
    int at = 0;
    for (int head = 0; head < counts.length; head++) {
      positions[head] = Arrays.copyOfRange(all, at, at + counts[head]);
      at += counts[head];
      requireAscending(head, positions[head], seenOfRows[head / kvHeads]);
    }
    System.arraycopy(seenOfRows, 0, seen, 0, batch);
    System.arraycopy(counts, 0, lengths, 0, counts.length);
  }

  private static void requireAscending(int head, int[] positions, int seen) {
    int before = -1;
    for (int position : positions) {
      // Not checkArgument, which would box its arguments for every token.
      if (position <= before || position >= seen) {
        throw new IllegalArgumentException(
            "positions of head %d must ascend below %d, found %d behind %d"
                .formatted(head, seen, position, before));
      }
      before = position;
    }
  }
}
