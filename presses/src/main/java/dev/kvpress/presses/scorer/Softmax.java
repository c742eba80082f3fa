package dev.kvpress.presses.scorer;

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
}
