package dev.kvpress.runtime.probe;

import dev.kvpress.runtime.graph.GraphPrecision;
import java.util.Arrays;

/**
 * Whether two results are the same but for rounding.
 *
 * @param tolerance largest difference, as a fraction of how far the numbers are spread
 */
public record Agreement(double tolerance) {

  /** As closely as a graph of some precision computes. */
  public static Agreement of(GraphPrecision precision) {
    return new Agreement(
        switch (precision) {
          case FULL -> 1e-3;
          case HALF -> 3e-2;
          // Scales of a whole tensor are taken anew in each pass, so its other tokens show.
          case QUANTIZED -> 0.1;
        });
  }

  /** Whether all numbers agree. */
  public boolean holds(float[] found, float[] expected) {
    if (found.length != expected.length) {
      return false;
    }
    double[] sorted = new double[expected.length];
    Arrays.setAll(sorted, i -> expected[i]);
    Arrays.sort(sorted);
    double middle = sorted[sorted.length / 2];
    // Not the largest: logits of tokens that must not come are often far below all others.
    Arrays.setAll(sorted, i -> Math.abs(expected[i] - middle));
    Arrays.sort(sorted);
    double spread = sorted[Math.min(sorted.length - 1, sorted.length * 9 / 10)];
    for (int i = 0; i < found.length; i++) {
      if (found[i] == expected[i]) {
        continue;
      }
      double most = tolerance * (spread + Math.abs(expected[i] - middle)) + 1e-6;
      if (!(Math.abs(found[i] - expected[i]) <= most)) {
        return false;
      }
    }
    return true;
  }
}
