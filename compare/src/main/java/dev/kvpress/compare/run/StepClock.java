package dev.kvpress.compare.run;

import com.google.common.math.Quantiles;
import dev.kvpress.runtime.decode.Context;

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

  /** Median, NaN of nothing. */
  static double median(long[] nanos) {
    return nanos.length == 0 ? Double.NaN : Quantiles.median().compute(nanos);
  }
}
