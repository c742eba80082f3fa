package dev.kvpress.compare.metric;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multisets;
import java.util.List;

/** The harmonic mean of precision and recall. */
public final class F1 {
  private F1() {}

  /** F1 of the words that both sides have, each as often as both have it. */
  public static double ofWords(List<String> found, List<String> expected) {
    int shared =
        Multisets.intersection(HashMultiset.create(found), HashMultiset.create(expected)).size();
    return of(shared, found.size(), expected.size());
  }

  /**
   * F1 of what two sides share.
   *
   * @return in [0, 1]; 0 where they share nothing
   */
  static double of(int shared, int found, int expected) {
    if (shared == 0) {
      return 0;
    }
    double precision = (double) shared / found;
    double recall = (double) shared / expected;
    return 2 * precision * recall / (precision + recall);
  }
}
