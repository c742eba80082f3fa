package dev.kvpress.compare.replay;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.Signal;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Set;

/**
 * Attention of one step, {@code [B][H][Q][slots]}, in the forms in which a graph would emit it.
 * Each query head has as many slots as its KV head holds tokens.
 */
final class StepAttention {
  private final LayerLedger ledger;
  private final Rows rows;
  private final int queries;

  /** Where the rows come from. */
  interface Rows {
    /**
     * Reads what one query pays to the tokens of its head.
     *
     * @param length tokens that the head holds
     * @param into takes {@code length} numbers, the oldest token's first
     */
    void read(int row, int queryHead, int query, int length, float[] into);
  }

  /**
   * Takes the source of the rows.
   *
   * @param ledger holds the tokens of the step already
   * @param queries Q
   */
  StepAttention(LayerLedger ledger, Rows rows, int queries) {
    this.ledger = ledger;
    this.rows = rows;
    this.queries = queries;
  }

  /** Books sums and last rows, as far as they are needed. */
  void observe(Set<Signal> needs) {
    int slots = ledger.maxLength();
    if (ledger.attention().hasSums()) {
      ledger.observeSums(FloatBuffer.wrap(sums(slots)), slots);
    }
    int window = Math.min(queries, Signal.rowWindow(needs));
    if (window > 0) {
      int[] newTokens = new int[ledger.batch()];
      Arrays.fill(newTokens, queries);
      ledger.observeRows(FloatBuffer.wrap(last(window, slots)), window, slots, newTokens);
    }
  }

  /** The whole matrix {@code [B, H, Q, S]}, right aligned. */
  FloatTensor matrix() {
    int slots = ledger.maxLength();
    return FloatTensor.of(
        last(queries, slots), ledger.batch(), ledger.queryHeads(), queries, slots);
  }

  /** Column sums {@code [B, H, S]}, right aligned, added up in double. */
  private float[] sums(int slots) {
    int heads = ledger.batch() * ledger.queryHeads();
    float[] sums = new float[heads * slots];
    float[] row = new float[slots];
    double[] columns = new double[slots];
    for (int head = 0; head < heads; head++) {
      int length = length(head);
      Arrays.fill(columns, 0);
      for (int q = 0; q < queries; q++) {
        rows.read(head / ledger.queryHeads(), head % ledger.queryHeads(), q, length, row);
        for (int j = 0; j < length; j++) {
          columns[j] += row[j];
        }
      }
      for (int j = 0; j < length; j++) {
        sums[(head + 1) * slots - length + j] = (float) columns[j];
      }
    }
    return sums;
  }

  /** The last W rows {@code [B, H, W, S]}, right aligned. */
  private float[] last(int window, int slots) {
    int heads = ledger.batch() * ledger.queryHeads();
    float[] last = new float[Math.multiplyExact(Math.multiplyExact(heads, window), slots)];
    float[] row = new float[slots];
    for (int head = 0; head < heads; head++) {
      int length = length(head);
      for (int w = 0; w < window; w++) {
        rows.read(
            head / ledger.queryHeads(),
            head % ledger.queryHeads(),
            queries - window + w,
            length,
            row);
        System.arraycopy(row, 0, last, (head * window + w + 1) * slots - length, length);
      }
    }
    return last;
  }

  private int length(int head) {
    int group = ledger.queryHeads() / ledger.kvHeads();
    return ledger.length(head / ledger.queryHeads(), head % ledger.queryHeads() / group);
  }
}
