package dev.kvpress.presses.reading;

import java.util.Arrays;
import java.util.List;

/**
 * How many tokens each of several lists keeps: scores are sorted within each list, and of all
 * places together the highest stay (kvpress {@code kvcompose_press.py}, compute_important_per_layer
 * and compute_composite_scores).
 */
final class CompositeTokens {
  private CompositeTokens() {}

  /** Scores from the highest to the lowest. */
  static double[] descending(double[] scores) {
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    for (int i = 0, j = sorted.length - 1; i < j; i++, j--) {
      double other = sorted[i];
      sorted[i] = sorted[j];
      sorted[j] = other;
    }
    return sorted;
  }

  /**
   * Counts.
   *
   * @param lists scores in descending order, {@code [lists][n]}
   * @param least places of each list that stay whatever their scores
   * @param total places that stay over all lists
   * @return {@code [lists]}, at least 1 each; of equal scores those of earlier lists stay
   */
  static int[] counts(List<double[]> lists, int least, int total) {
    int[] counts = new int[lists.size()];
    int left = total;
    for (int i = 0; i < counts.length; i++) {
      counts[i] = Math.min(Math.min(least, lists.get(i).length), left);
      left -= counts[i];
    }
    double[] open =
        lists.stream()
            .flatMapToDouble(list -> Arrays.stream(list, Math.min(least, list.length), list.length))
            .toArray();
    Arrays.sort(open);
    if (left > 0 && open.length > 0) {
      double lowest = open[Math.max(0, open.length - left)];
      for (int i = 0; i < counts.length; i++) {
        int more = above(lists.get(i), counts[i], lowest, false);
        counts[i] += more;
        left -= more;
      }
      for (int i = 0; i < counts.length; i++) {
        int more = Math.min(left, above(lists.get(i), counts[i], lowest, true));
        counts[i] += more;
        left -= more;
      }
    }
    Arrays.setAll(counts, i -> Math.max(1, counts[i]));
    return counts;
  }

  /** Places from one on that are above a score, or equal to it. */
  private static int above(double[] list, int from, double score, boolean orEqual) {
    int end = from;
    while (end < list.length && (list[end] > score || orEqual && list[end] == score)) {
      end++;
    }
    return end - from;
  }
}
