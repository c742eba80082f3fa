package dev.kvpress.presses.signal;

import dev.kvpress.presses.KeptSlots;
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
  private final int batch;
  private final int queryHeads;
  private final int groupSize;
  private final int rowWindow;
  private final boolean hasSums;
  // [B*H][slots, grown by doubling], accumulated in double so that chunking does not show.
  private final double[][] sums;
  // [B*H][W][slots at the time of the query], a ring: row i of batch row b is at (first[b] + i) %
  // W.
  private final float[][][] rows;
  private final int[] firstRow;
  private final int[] rowCount;

  ObservedAttention(int batch, int queryHeads, int kvHeads, boolean hasSums, int rowWindow) {
    this.batch = batch;
    this.queryHeads = queryHeads;
    this.groupSize = queryHeads / kvHeads;
    this.rowWindow = rowWindow;
    this.hasSums = hasSums;
    this.sums = new double[hasSums ? batch * queryHeads : 0][0];
    this.rows = new float[rowWindow > 0 ? batch * queryHeads : 0][rowWindow][0];
    this.firstRow = new int[batch];
    this.rowCount = new int[batch];
  }

  private ObservedAttention(ObservedAttention that) {
    batch = that.batch;
    queryHeads = that.queryHeads;
    groupSize = that.groupSize;
    rowWindow = that.rowWindow;
    hasSums = that.hasSums;
    sums = new double[that.sums.length][];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = that.sums[i].clone();
    }
    rows = new float[that.rows.length][][];
    for (int i = 0; i < rows.length; i++) {
      // Rows are replaced, never written into, so forks may share them.
      rows[i] = that.rows[i].clone();
    }
    firstRow = that.firstRow.clone();
    rowCount = that.rowCount.clone();
  }

  /** Whether column sums are kept. */
  public boolean hasSums() {
    return hasSums;
  }

  /** W, the largest number of rows kept; 0 if none are. */
  public int rowWindow() {
    return rowWindow;
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

  /** Rows there are for one batch row: at most W, fewer while fewer queries have passed. */
  public int rows(int row) {
    return rowCount[row];
  }

  /**
   * Copies one attention row into {@code into[0..slots)}.
   *
   * @param index 0 is the oldest row kept, {@code rows(row) - 1} the last query's
   */
  public void readRow(int row, int queryHead, int index, float[] into, int slots) {
    float[] own = rowAt(row, queryHead, index);
    int n = Math.min(slots, own.length);
    System.arraycopy(own, 0, into, 0, n);
    Arrays.fill(into, n, slots, 0f);
  }

  /** Adds one attention row to {@code into[0..slots)}. */
  public void addRow(int row, int queryHead, int index, double[] into, int slots) {
    float[] own = rowAt(row, queryHead, index);
    int n = Math.min(slots, own.length);
    for (int i = 0; i < n; i++) {
      into[i] += own[i];
    }
  }

  private float[] rowAt(int row, int queryHead, int index) {
    if (index < 0 || index >= rowCount[row]) {
      throw new IllegalStateException(
          "attention row "
              + index
              + " was asked for, but "
              + rowCount[row]
              + " rows were observed");
    }
    return rows[row * queryHeads + queryHead][(firstRow[row] + index) % rowWindow];
  }

  private void requireSums() {
    if (!hasSums) {
      throw new IllegalStateException(
          "attention sums were not collected; name Signal.AttentionSums in needs()");
    }
  }

  ObservedAttention fork() {
    return new ObservedAttention(this);
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

  /**
   * Makes room for the rows of {@code count} more queries and returns the ring's first new index.
   */
  int startRows(int row, int count) {
    int fresh = Math.min(count, rowWindow);
    int overflow = Math.max(0, rowCount[row] + fresh - rowWindow);
    firstRow[row] = (firstRow[row] + overflow) % Math.max(1, rowWindow);
    rowCount[row] = rowCount[row] - overflow + fresh;
    return rowCount[row] - fresh;
  }

  void setRow(int row, int queryHead, int index, float[] values) {
    rows[row * queryHeads + queryHead][(firstRow[row] + index) % rowWindow] = values;
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
        for (int r = 0; r < (rowWindow > 0 ? rowCount[b] : 0); r++) {
          int at = (firstRow[b] + r) % rowWindow;
          float[] own = rows[index][at];
          int length = 0;
          while (length < slots.length && slots[length] < own.length) {
            length++;
          }
          float[] cut = new float[length];
          for (int i = 0; i < length; i++) {
            cut[i] = own[slots[i]];
          }
          rows[index][at] = cut;
        }
      }
    }
  }
}
