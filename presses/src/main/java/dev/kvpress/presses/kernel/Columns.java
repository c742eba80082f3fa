package dev.kvpress.presses.kernel;

import java.util.Arrays;

/**
 * Rows laid out by column, {@code [size][count]}, for products with many vectors: sums over a short
 * row then become additions of long columns, which the virtual machine turns into vector
 * instructions.
 */
public final class Columns {
  private final int count;
  private final int size;
  // An array for each column: with offsets into a single one the loop below stays scalar.
  private final float[][] columns;

  /** A copy of {@code rows[from..from + count * size)}, {@code [count][size]}. */
  public Columns(float[] rows, int from, int count, int size) {
    this.count = count;
    this.size = size;
    columns = new float[size][count];
    for (int r = 0; r < count; r++) {
      for (int c = 0; c < size; c++) {
        columns[c][r] = rows[from + r * size + c];
      }
    }
  }

  /** Number of rows. */
  public int count() {
    return count;
  }

  /**
   * The dot product of each row with {@code vector[at..at+size)}.
   *
   * @param into {@code [count]}
   */
  public void dots(float[] vector, int at, float[] into) {
    Arrays.fill(into, 0, count, 0);
    int c = 0;
    for (; c + 7 < size; c += 8) {
      addEight(vector, at, c, into);
    }
    for (; c < size; c++) {
      float weight = vector[at + c];
      float[] column = columns[c];
      for (int r = 0; r < count; r++) {
        into[r] += weight * column[r];
      }
    }
  }

  private void addEight(float[] vector, int at, int c, float[] into) {
    float w0 = vector[at + c];
    float w1 = vector[at + c + 1];
    float w2 = vector[at + c + 2];
    float w3 = vector[at + c + 3];
    float w4 = vector[at + c + 4];
    float w5 = vector[at + c + 5];
    float w6 = vector[at + c + 6];
    float w7 = vector[at + c + 7];
    float[] c0 = columns[c];
    float[] c1 = columns[c + 1];
    float[] c2 = columns[c + 2];
    float[] c3 = columns[c + 3];
    float[] c4 = columns[c + 4];
    float[] c5 = columns[c + 5];
    float[] c6 = columns[c + 6];
    float[] c7 = columns[c + 7];
    for (int r = 0; r < count; r++) {
      into[r] +=
          ((w0 * c0[r] + w1 * c1[r]) + (w2 * c2[r] + w3 * c3[r]))
              + ((w4 * c4[r] + w5 * c5[r]) + (w6 * c6[r] + w7 * c7[r]));
    }
  }
}
