package dev.kvpress.compare.run;

import java.util.Arrays;

/** The middle of some numbers. */
final class Median {
  private Median() {}

  /** The mean of the two middle ones where their number is even. */
  static double of(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("a median needs at least one number");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[middle]
        : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
