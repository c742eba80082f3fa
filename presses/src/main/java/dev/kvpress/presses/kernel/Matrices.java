package dev.kvpress.presses.kernel;

import java.util.Arrays;

/**
 * Matrices as arrays of rows, the form in which {@link Kernels} multiplies them. Of a block of
 * vectors the transpose is what products with many other vectors need: they then run along tokens,
 * of which there are many, and not along channels.
 */
public final class Matrices {
  private Matrices() {}

  /**
   * The transpose of {@code count} rows that lie one after another.
   *
   * @param into {@code [size][count or more]}
   */
  public static void transpose(float[] rows, int count, int size, float[][] into) {
    for (int c = 0; c < size; c++) {
      float[] column = into[c];
      for (int r = 0; r < count; r++) {
        column[r] = rows[r * size + c];
      }
    }
  }

  /** As {@link #transpose(float[], int, int, float[][])}, widened. */
  public static void transpose(float[] rows, int count, int size, double[][] into) {
    for (int c = 0; c < size; c++) {
      double[] column = into[c];
      for (int r = 0; r < count; r++) {
        column[r] = rows[r * size + c];
      }
    }
  }

  /**
   * The transpose of the first {@code count} rows.
   *
   * @param into {@code [size][count or more]}
   */
  public static void transpose(double[][] rows, int count, int size, double[][] into) {
    for (int c = 0; c < size; c++) {
      double[] column = into[c];
      for (int r = 0; r < count; r++) {
        column[r] = rows[r][c];
      }
    }
  }

  /** Zeros in the first columns of the first rows. */
  public static void clear(float[][] matrix, int rows, int columns) {
    for (int i = 0; i < rows; i++) {
      Arrays.fill(matrix[i], 0, columns, 0);
    }
  }

  /** As {@link #clear(float[][], int, int)}. */
  public static void clear(double[][] matrix, int rows, int columns) {
    for (int i = 0; i < rows; i++) {
      Arrays.fill(matrix[i], 0, columns, 0);
    }
  }

  /** The first rows, not copied. */
  public static double[][] first(double[][] matrix, int rows) {
    return rows == matrix.length ? matrix : Arrays.copyOf(matrix, rows);
  }
}
