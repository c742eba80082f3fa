package dev.kvpress.presses.kernel;

import java.util.Arrays;

/**
 * A small calculation done by two implementations: an incubating module may change from one version
 * of Java to the next, and what it no longer has shows only when it is called.
 */
final class KernelCheck {
  // Fills the widest vectors more than twice, with a remainder.
  private static final int SIZE = 37;

  private KernelCheck() {}

  /**
   * Compares.
   *
   * @throws IllegalStateException if they differ
   * @throws LinkageError if one of them calls what is not there
   */
  static void requireSame(KernelSet expected, KernelSet found) {
    if (!Arrays.equals(results(expected), results(found))) {
      throw new IllegalStateException(
          "'%s' gives other results than '%s' on this machine; report it, and choose the latter by -D%s=plain"
              .formatted(found.description(), expected.description(), KernelChoice.PROPERTY));
    }
  }

  private static double[] results(KernelSet kernels) {
    float[][] rows = new float[SIZE][SIZE];
    double[][] wide = new double[SIZE][SIZE];
    for (int i = 0; i < SIZE; i++) {
      for (int j = 0; j < SIZE; j++) {
        rows[i][j] = SplitMix.uniform(SplitMix.mix(i * SIZE + j)) - 0.5f;
        wide[i][j] = rows[i][j];
      }
    }
    float[][] product = new float[SIZE][SIZE];
    double[][] wideProduct = new double[SIZE][SIZE];
    kernels.addProduct(rows, 0, rows, product, SIZE, SIZE);
    kernels.addProduct(wide, 0, wide, wideProduct, SIZE, SIZE);
    double[] results = Arrays.copyOf(wideProduct[SIZE - 1], 3 * SIZE + 1);
    results[2 * SIZE] = kernels.max(product[1], SIZE);
    kernels.exponentials(rows[1], SIZE, rows[2][0]);
    for (int j = 0; j < SIZE; j++) {
      results[SIZE + j] = product[SIZE - 1][j];
      results[2 * SIZE + 1 + j] = rows[1][j];
    }
    return results;
  }
}
