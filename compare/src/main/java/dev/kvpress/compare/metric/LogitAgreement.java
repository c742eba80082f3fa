package dev.kvpress.compare.metric;

/**
 * How far the next-token distribution of a compressed cache is from that of the full one. All sums
 * are in double and shifted by the largest logit, so that logits of any size give finite figures.
 */
public final class LogitAgreement {
  private LogitAgreement() {}

  /**
   * The Kullback–Leibler divergence KL(full ‖ compressed) in nats: the nats per token that the
   * compressed distribution costs where the full one is right.
   *
   * @param full logits {@code [V]} of the full cache
   * @param compressed logits {@code [V]} of the compressed cache
   * @return at least 0; infinite where the compressed distribution excludes a possible token
   * @throws IllegalArgumentException if the rows differ in length, are empty or hold no number
   */
  public static double klDivergence(float[] full, float[] compressed) {
    requireRows(full, compressed);
    double fullNorm = logSumExp(full);
    double compressedNorm = logSumExp(compressed);
    double sum = 0;
    for (int v = 0; v < full.length; v++) {
      double logFull = full[v] - fullNorm;
      if (logFull != Double.NEGATIVE_INFINITY) {
        double probability = Math.exp(logFull);
        // A probability that underflows to 0 adds nothing, whatever the other side says.
        sum += probability == 0 ? 0 : probability * (logFull - (compressed[v] - compressedNorm));
      }
    }
    // Equal rows give a sum of rounding errors, which may be below 0.
    return Math.max(0, sum);
  }

  /**
   * Whether both rows have their largest logit at the same token; of equal logits the first counts.
   *
   * @throws IllegalArgumentException if the rows differ in length, are empty or hold no number
   */
  public static boolean sameTop(float[] full, float[] compressed) {
    requireRows(full, compressed);
    return top(full) == top(compressed);
  }

  /**
   * How much more probable the compressed cache holds a token than the full one does, in [-1, 1].
   *
   * @param token the right one
   * @throws IllegalArgumentException if the rows differ in length, are empty or hold no number
   */
  public static double probabilityChange(float[] full, float[] compressed, int token) {
    requireRows(full, compressed);
    return Math.exp(compressed[token] - logSumExp(compressed))
        - Math.exp(full[token] - logSumExp(full));
  }

  /** The logarithm of the sum of exponentials, without overflow. */
  static double logSumExp(float[] logits) {
    double max = logits[top(logits)];
    if (!(max > Double.NEGATIVE_INFINITY) || max == Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "logits: expected at least one finite number and none infinite above, the largest is "
              + max);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    return max + Math.log(sum);
  }

  private static int top(float[] logits) {
    int best = 0;
    for (int v = 0; v < logits.length; v++) {
      if (Float.isNaN(logits[v])) {
        throw new IllegalArgumentException(
            "logits: expected numbers, found NaN at token " + v + "; the model's output is broken");
      }
      if (logits[v] > logits[best]) {
        best = v;
      }
    }
    return best;
  }

  private static void requireRows(float[] full, float[] compressed) {
    if (full.length != compressed.length || full.length == 0) {
      throw new IllegalArgumentException(
          "logits: expected two rows of the same vocabulary, found "
              + full.length
              + " and "
              + compressed.length
              + " tokens");
    }
  }
}
