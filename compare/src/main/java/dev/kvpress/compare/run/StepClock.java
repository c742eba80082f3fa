package dev.kvpress.compare.run;

import dev.kvpress.runtime.decode.Context;
import java.util.Arrays;

/** Measures decoding steps of one token. */
final class StepClock {
  private StepClock() {}

  /**
   * Median time in nanoseconds of single-token steps.
   *
   * @param ids the sample's tokens
   * @param from index of the first token to pass
   * @param steps how many at most
   */
  static double median(Context context, int[] ids, int from, int steps) {
    int count = Math.min(steps, ids.length - 1 - from);
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      context.forward(ids[from + i]);
      nanos[i] = System.nanoTime() - start;
    }
    return median(nanos);
  }

  static double median(long[] nanos) {
    if (nanos.length == 0) {
      return Double.NaN;
    }
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0;
  }
}
