package dev.kvpress.presses.kernel;

import java.util.Arrays;

/** Arithmetic on a block of rows that lie one after another, {@code [rows][size]}. */
public final class Rows {
  private Rows() {}

  /**
   * The dot product of each row with one vector.
   *
   * @param vector {@code [size]}
   * @param into {@code [count]}
   */
  public static void dots(float[] rows, int count, int size, float[] vector, float[] into) {
    for (int r = 0; r < count; r++) {
      into[r] = Vectors.dot(rows, r * size, vector, 0, size);
    }
  }

  /**
   * Adds the rows, each times its weight.
   *
   * @param weights {@code [count]}
   * @param into {@code [size]}
   */
  public static void addWeighted(float[] rows, int count, int size, float[] weights, float[] into) {
    for (int r = 0; r < count; r++) {
      for (int c = 0; c < size; c++) {
        into[c] += rows[r * size + c] * weights[r];
      }
    }
  }

  /**
   * The smallest and the largest number of each column; not a number where a column holds one.
   *
   * @param min {@code [size]}
   * @param max {@code [size]}
   */
  public static void ranges(float[] rows, int count, int size, float[] min, float[] max) {
    Arrays.fill(min, 0, size, Float.POSITIVE_INFINITY);
    Arrays.fill(max, 0, size, Float.NEGATIVE_INFINITY);
    for (int r = 0; r < count; r++) {
      for (int c = 0; c < size; c++) {
        min[c] = Math.min(min[c], rows[r * size + c]);
        max[c] = Math.max(max[c], rows[r * size + c]);
      }
    }
  }

  /**
   * The standard deviation (over {@code size - 1}) of each row's {@code (x - offset) * factor}.
   *
   * @param offsets {@code [size]}
   * @param factors {@code [size]}
   * @param into {@code [count]}
   */
  public static void deviations(
      float[] rows, int count, int size, float[] offsets, float[] factors, double[] into) {
    for (int r = 0; r < count; r++) {
      double sum = 0;
      double squares = 0;
      for (int c = 0; c < size; c++) {
        double x = (rows[r * size + c] - offsets[c]) * factors[c];
        sum += x;
        squares += x * x;
      }
      double spread = squares - sum * sum / size;
      // Rounding may leave a trace below zero where all numbers agree; NaN must pass.
      into[r] = size == 1 || spread < 0 ? 0 : Math.sqrt(spread / (size - 1));
    }
  }
}
