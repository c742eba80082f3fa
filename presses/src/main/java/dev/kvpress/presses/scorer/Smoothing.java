package dev.kvpress.presses.scorer;

import static com.google.common.base.Preconditions.checkArgument;

/** Means and maxima over neighbouring tokens. */
final class Smoothing {
  private Smoothing() {}

  /**
   * A kernel that has a middle.
   *
   * @throws IllegalArgumentException for an even number, and below 1
   */
  static int centred(int kernel) {
    checkArgument(
        kernel >= 1 && kernel % 2 == 1,
        "kernel_size must be odd, so that the smoothing is centred, found %s",
        kernel);
    return kernel;
  }

  /**
   * Replaces each number by the mean over {@code kernel} numbers around it, in place; zeros beyond
   * both ends count (as in torch's {@code avg_pool1d}).
   *
   * @param kernel an odd number
   * @param divisor by which the means are divided further
   */
  static void mean(double[] values, int kernel, int divisor) {
    double[] given = values.clone();
    int reach = kernel / 2;
    for (int j = 0; j < values.length; j++) {
      double sum = 0;
      int last = (int) Math.min(values.length - 1, (long) j + reach);
      for (int i = Math.max(0, j - reach); i <= last; i++) {
        sum += given[i];
      }
      values[j] = sum / ((double) kernel * divisor);
    }
  }

  /**
   * The largest of {@code kernel} numbers around each; beyond both ends there is nothing (as in
   * torch's {@code max_pool1d}).
   *
   * @param kernel an odd number
   */
  static double[] max(double[] values, int kernel) {
    double[] largest = new double[values.length];
    int reach = kernel / 2;
    for (int j = 0; j < values.length; j++) {
      int last = (int) Math.min(values.length - 1, (long) j + reach);
      largest[j] = values[j];
      for (int i = Math.max(0, j - reach); i <= last; i++) {
        largest[j] = Math.max(largest[j], values[i]);
      }
    }
    return largest;
  }
}
