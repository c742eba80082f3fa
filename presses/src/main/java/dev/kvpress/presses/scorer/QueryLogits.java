package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;
import java.util.Arrays;

/**
 * The quadratic form {@code k'Mk + b.k}, as the sum over channels of {@code k} times {@code Mk +
 * b}, of many keys at once. For one thread.
 */
final class QueryLogits {
  private final double[][] matrix;
  private final double[] vector;
  private double[][] moved = {};

  /**
   * Takes the form over.
   *
   * @param matrix M, {@code [D][D]}, or no rows for none
   * @param vector b, {@code [D]}
   */
  QueryLogits(double[][] matrix, double[] vector) {
    this.matrix = matrix;
    this.vector = vector;
  }

  /**
   * The form of each key.
   *
   * @param keys a column each, {@code [D][count or more]}
   * @param into takes the results from {@code into[at]} on
   */
  void of(double[][] keys, int count, double[] into, int at) {
    int size = vector.length;
    if (moved.length == 0 || moved[0].length < count) {
      moved = new double[size][count];
    }
    for (int c = 0; c < size; c++) {
      Arrays.fill(moved[c], 0, count, vector[c]);
    }
    Kernels.addProduct(matrix, 0, keys, moved, matrix.length, count);
    double[] forms = new double[count];
    for (int c = 0; c < size; c++) {
      double[] key = keys[c];
      double[] other = moved[c];
      for (int j = 0; j < count; j++) {
        forms[j] += key[j] * other[j];
      }
    }
    System.arraycopy(forms, 0, into, at, count);
  }
}
