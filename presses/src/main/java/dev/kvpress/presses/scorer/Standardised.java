package dev.kvpress.presses.scorer;

/** Scores brought to mean 0 and standard deviation 1, so that different kinds can be added. */
final class Standardised {
  private Standardised() {}

  /**
   * Standardises the scores of all heads of one batch row together, in place. kvpress takes the
   * moments over the whole batch, which changes no ranking within a row.
   *
   * @param heads {@code [G][S]}
   */
  static double[][] over(double[][] heads) {
    double sum = 0;
    long count = 0;
    for (double[] head : heads) {
      for (double value : head) {
        sum += value;
      }
      count += head.length;
    }
    double mean = sum / count;
    double squares = 0;
    for (double[] head : heads) {
      for (double value : head) {
        squares += (value - mean) * (value - mean);
      }
    }
    double deviation = count > 1 ? Math.sqrt(squares / (count - 1)) : 0;
    for (double[] head : heads) {
      for (int j = 0; j < head.length; j++) {
        head[j] = deviation == 0 ? 0 : (head[j] - mean) / deviation;
      }
    }
    return heads;
  }
}
