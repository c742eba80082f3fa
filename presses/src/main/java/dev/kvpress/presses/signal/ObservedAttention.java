package dev.kvpress.presses.signal;

import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.SavedState;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The attention that the cached tokens of one layer have received: running column sums per query
 * head, and the last W rows. It lives beside the cache and is compacted together with it.
 *
 * <p>Tokens are addressed by slot. A row is as long as the cache was when its query passed; tokens
 * that came later have received nothing from it.
 */
public final class ObservedAttention {
  private static final String KIND = "attention";

  private final int batch;
  private final int queryHeads;
  private final int groupSize;
  private final boolean hasSums;
  // [B*H][slots, grown by doubling], accumulated in double so that chunking does not show.
  private final double[][] sums;
  // [B*H][slots, grown by half], no heads where no maxima are kept.
  private float[][] maxima = {};
  private final ObservedRows rows;

  ObservedAttention(int batch, int queryHeads, int kvHeads, boolean hasSums, int rowWindow) {
    this.batch = batch;
    this.queryHeads = queryHeads;
    this.groupSize = queryHeads / kvHeads;
    this.hasSums = hasSums;
    this.sums = new double[hasSums ? batch * queryHeads : 0][0];
    this.rows = new ObservedRows(batch, queryHeads, rowWindow);
  }

  private ObservedAttention(ObservedAttention that, ObservedRows rows) {
    batch = that.batch;
    queryHeads = that.queryHeads;
    groupSize = that.groupSize;
    hasSums = that.hasSums;
    sums = new double[that.sums.length][];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = that.sums[i].clone();
    }
    maxima = new float[that.maxima.length][];
    for (int i = 0; i < maxima.length; i++) {
      maxima[i] = that.maxima[i].clone();
    }
    this.rows = rows;
  }

  /** Whether column sums are kept. */
  public boolean hasSums() {
    return hasSums;
  }

  /** W, the largest number of rows kept; 0 if none are. */
  public int rowWindow() {
    return rows.window();
  }

  /**
   * Adds the column sums of one query head to {@code into[0..slots)}.
   *
   * @throws IllegalStateException if no sums are kept
   */
  public void addSums(int row, int queryHead, double[] into, int slots) {
    requireSums();
    double[] own = sums[row * queryHeads + queryHead];
    int n = Math.min(slots, own.length);
    for (int i = 0; i < n; i++) {
      into[i] += own[i];
    }
  }

  /** The column sum of one token. */
  public double sum(int row, int queryHead, int slot) {
    requireSums();
    double[] own = sums[row * queryHeads + queryHead];
    return slot < own.length ? own[slot] : 0;
  }

  /** Whether column maxima are kept. */
  public boolean hasMaxima() {
    return maxima.length > 0;
  }

  /**
   * The most attention that one token has received from any query.
   *
   * @throws IllegalStateException if no maxima are kept
   */
  public float maximum(int row, int queryHead, int slot) {
    if (!hasMaxima()) {
      throw new IllegalStateException(
          "attention maxima were not collected; name Signal.AttentionMaxima in needs()");
    }
    float[] own = maxima[row * queryHeads + queryHead];
    return slot < own.length ? own[slot] : 0;
  }

  /** Rows there are for one batch row: at most W, fewer while fewer queries have passed. */
  public int rows(int row) {
    return rows.count(row);
  }

  /**
   * Copies one attention row into {@code into[0..slots)}.
   *
   * @param index 0 is the oldest row kept, {@code rows(row) - 1} the last query's
   */
  public void readRow(int row, int queryHead, int index, float[] into, int slots) {
    rows.read(row, queryHead, index, into, slots);
  }

  /** Adds one attention row to {@code into[0..slots)}. */
  public void addRow(int row, int queryHead, int index, double[] into, int slots) {
    rows.add(row, queryHead, index, into, slots);
  }

  /** All that was observed as numbers for a file. */
  SavedState saved(LayerLedger ledger) {
    SavedState saved = new SavedState(KIND);
    if (hasSums) {
      double[][] own = new double[sums.length][];
      for (int i = 0; i < own.length; i++) {
        int length = ledger.length(i / queryHeads, i % queryHeads / groupSize);
        own[i] = Arrays.copyOf(sums[i], length);
      }
      saved.with("sums", SavedState.joined(own));
    }
    if (rowWindow() > 0) {
      rows.save(saved);
    }
    return saved;
  }

  /** Takes what was observed out of a file, into an account that has nothing yet. */
  void restore(SavedState saved, LayerLedger ledger) {
    saved.require(KIND, "sums", "row_counts", "row_lengths", "rows");
    if (hasSums) {
      int[] lengths = new int[sums.length];
      Arrays.setAll(lengths, i -> ledger.length(i / queryHeads, i % queryHeads / groupSize));
      double[][] found = saved.doubleRows("sums", lengths, ledger.maxLength());
      System.arraycopy(found, 0, sums, 0, sums.length);
    }
    if (rowWindow() > 0) {
      rows.restore(saved, ledger);
    }
  }

  private void requireSums() {
    if (!hasSums) {
      throw new IllegalStateException(
          "attention sums were not collected; name Signal.AttentionSums in needs()");
    }
  }

  ObservedAttention fork() {
    return new ObservedAttention(this, rows.fork());
  }

  /** A copy without a hold on the memory of the rows; valid while this one holds it. */
  ObservedAttention view() {
    return new ObservedAttention(this, rows.view());
  }

  void addSums(int row, int kvHead, FloatBuffer sumsOfAllHeads, int slotsInTensor, int length) {
    requireSums();
    for (int h = kvHead * groupSize; h < (kvHead + 1) * groupSize; h++) {
      int index = row * queryHeads + h;
      double[] own = sums[index];
      if (own.length < length) {
        own = Arrays.copyOf(own, Math.max(length, own.length + (own.length >> 1)));
        sums[index] = own;
      }
      int from = index * slotsInTensor + slotsInTensor - length;
      for (int i = 0; i < length; i++) {
        own[i] += sumsOfAllHeads.get(from + i);
      }
    }
  }

  void keepMaxima() {
    maxima = new float[batch * queryHeads][0];
  }

  void raiseMaxima(int row, int kvHead, FloatBuffer ofAllHeads, int slotsInTensor, int length) {
    for (int h = kvHead * groupSize; h < (kvHead + 1) * groupSize; h++) {
      int index = row * queryHeads + h;
      float[] own = maxima[index];
      if (own.length < length) {
        own = Arrays.copyOf(own, Math.max(length, own.length + (own.length >> 1)));
        maxima[index] = own;
      }
      int from = index * slotsInTensor + slotsInTensor - length;
      for (int i = 0; i < length; i++) {
        own[i] = Math.max(own[i], ofAllHeads.get(from + i));
      }
    }
  }

  /**
   * Takes the rows of the last queries of one pass; see {@link LayerLedger#observeRows}.
   *
   * @param lengths {@code [B][H]}, tokens cached of the KV head that each query head reads
   */
  void addRows(
      SharedFloats block, int rowsInTensor, int slotsInTensor, int[] newTokens, int[][] lengths) {
    rows.add(block, rowsInTensor, slotsInTensor, newTokens, lengths);
  }

  /** Lets go of the rows. */
  void close() {
    rows.close();
  }

  void keep(KeptSlots kept) {
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < queryHeads; h++) {
        int index = b * queryHeads + h;
        int[] slots = kept.of(b, h / groupSize);
        if (hasSums) {
          double[] own = sums[index];
          double[] cut = new double[slots.length];
          for (int i = 0; i < slots.length && slots[i] < own.length; i++) {
            cut[i] = own[slots[i]];
          }
          sums[index] = cut;
        }
        if (hasMaxima()) {
          float[] own = maxima[index];
          float[] cut = new float[slots.length];
          for (int i = 0; i < slots.length && slots[i] < own.length; i++) {
            cut[i] = own[slots[i]];
          }
          maxima[index] = cut;
        }
      }
    }
    rows.keep(kept);
  }
}
