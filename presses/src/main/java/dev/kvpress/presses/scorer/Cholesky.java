package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;

/** Quadratic forms of the inverse of a symmetric positive matrix A = LL'. */
final class Cholesky {
  private final double[][] inverse;

  private Cholesky(double[][] inverse) {
    this.inverse = inverse;
  }

  /**
   * Decomposes a matrix.
   *
   * @param matrix symmetric and positive {@code [n][n]}; only the lower triangle is read, and it is
   *     written over
   */
  static Cholesky of(double[][] matrix) {
    factor(matrix);
    return new Cholesky(inverse(matrix));
  }

  /** Turns the lower triangle into L, in place. */
  private static void factor(double[][] matrix) {
    for (int i = 0; i < matrix.length; i++) {
      double[] row = matrix[i];
      for (int k = 0; k <= i; k++) {
        double sum = row[k];
        for (int m = 0; m < k; m++) {
          sum -= row[m] * matrix[k][m];
        }
        row[k] = i == k ? Math.sqrt(sum) : sum / matrix[k][k];
      }
    }
  }

  /** {@code L^-1}: with it the solutions for many vectors are one product. */
  private static double[][] inverse(double[][] lower) {
    double[][] inverse = new double[lower.length][lower.length];
    for (int i = 0; i < lower.length; i++) {
      for (int k = 0; k < i; k++) {
        double weight = -lower[i][k] / lower[i][i];
        for (int j = 0; j <= k; j++) {
          inverse[i][j] += weight * inverse[k][j];
        }
      }
      inverse[i][i] = 1 / lower[i][i];
    }
    return inverse;
  }

  /**
   * {@code x'A^-1 x = ‖L^-1 x‖^2} of some vectors, added to {@code into[at..at+count)}.
   *
   * @param vectors a column each, {@code [n][count or more]}
   */
  void addSquaredSolutions(double[][] vectors, int count, double[] into, int at) {
    double[][] solutions = new double[inverse.length][count];
    Kernels.addProduct(inverse, 0, vectors, solutions, inverse.length, count);
    for (double[] channel : solutions) {
      for (int j = 0; j < count; j++) {
        into[at + j] += channel[j] * channel[j];
      }
    }
  }
}
