package dev.kvpress.presses.scorer;

import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ObservedAttention;
import java.util.Arrays;

/**
 * What the last W queries of the group of one KV head say of the tokens before the window.
 *
 * @param largest the most attention that one of them pays a token, smoothed along the tokens and
 *     brought back to the sum it had, but at least the mean of these over the tokens
 * @param mean the attention a token receives on average
 * @param beforeWindow the attention that the W tokens before the window receive together, on
 *     average
 */
record WindowVotes(double[] largest, double[] mean, double beforeWindow) {

  /**
   * The votes on the tokens of one head but for the last W.
   *
   * @param kernel tokens smoothed over, odd
   */
  static WindowVotes of(LayerSignals layer, int row, int kvHead, int window, int kernel) {
    ObservedAttention attention = layer.attention();
    int group = layer.groupSize();
    int rows = attention.rows(row);
    int voters = Math.min(window, rows);
    int count = Math.max(0, layer.length(row, kvHead) - window);
    double[] largest = new double[count];
    double[] mean = new double[count];
    float[] weights = new float[count];
    double[] smooth = new double[count];
    double before = 0;
    for (int h = kvHead * group; h < (kvHead + 1) * group; h++) {
      for (int r = rows - voters; r < rows; r++) {
        attention.readRow(row, h, r, weights, count);
        double paid = 0;
        for (int j = 0; j < count; j++) {
          smooth[j] = weights[j];
          paid += weights[j];
          mean[j] += weights[j] / ((double) voters * group);
          before += j < count - window ? 0 : weights[j] / ((double) voters * group);
        }
        Smoothing.mean(smooth, kernel, 1);
        takeLarger(smooth, paid, largest);
      }
    }
    raiseToMean(largest);
    return new WindowVotes(largest, mean, before);
  }

  private static void takeLarger(double[] smooth, double paid, double[] largest) {
    double sum = Arrays.stream(smooth).sum();
    // Who pays these tokens nothing has no say, where the original divides zero by zero.
    double scale = sum == 0 ? 0 : paid / sum;
    for (int j = 0; j < smooth.length; j++) {
      largest[j] = Math.max(largest[j], smooth[j] * scale);
    }
  }

  private static void raiseToMean(double[] largest) {
    double mean = Arrays.stream(largest).sum() / largest.length;
    for (int j = 0; j < largest.length; j++) {
      largest[j] = Math.max(largest[j], mean);
    }
  }

  /** How many of the tokens with the most attention on average have less than a share of it. */
  int below(double share) {
    double[] sorted = mean.clone();
    Arrays.sort(sorted);
    double all = Arrays.stream(sorted).sum();
    double together = 0;
    for (int i = 0; i < sorted.length && all > 0; i++) {
      together += sorted[sorted.length - 1 - i] / all;
      if (together >= share) {
        return i;
      }
    }
    return 0;
  }
}
