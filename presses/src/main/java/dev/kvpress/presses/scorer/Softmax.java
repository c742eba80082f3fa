package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Vectors;

/** The softmax, safe against overflow. */
final class Softmax {
  private Softmax() {}

  /** Turns logits into weights that sum to one, in place. */
  static double[] of(double[] logits) {
    double max = Double.NEGATIVE_INFINITY;
    for (double logit : logits) {
      max = Math.max(max, logit);
    }
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      logits[i] = Math.exp(logits[i] - max);
      sum += logits[i];
    }
    for (int i = 0; i < logits.length; i++) {
      logits[i] /= sum;
    }
    return logits;
  }

  /**
   * Turns the first logits into weights that, with those of some further logits of zero, sum to
   * one, in place.
   *
   * @param zeros number of logits of zero that are not in the array
   */
  static void of(float[] logits, int count, int zeros) {
    float largest = Kernels.max(logits, count);
    float max = zeros > 0 ? Math.max(0, largest) : largest;
    Kernels.exponentials(logits, count, max);
    // Far below zero the exponential is infinite, which times none would be no number.
    double ofZeros = zeros > 0 ? zeros * Math.exp(-max) : 0;
    double sum = Vectors.sum(logits, count) + ofZeros;
    float share = (float) (1 / sum);
    for (int i = 0; i < count; i++) {
      logits[i] *= share;
    }
  }
}
