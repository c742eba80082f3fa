package dev.kvpress.recipe.measure;

import java.util.HashMap;
import java.util.Map;

/**
 * The baseline: trigrams with interpolated back-off to bigrams, single tokens and the uniform
 * distribution. What a context was seen with is trusted in proportion to how often it was seen
 * against how many different tokens followed it (Witten and Bell, 1991).
 */
final class TrigramModel {
  private final int vocabulary;
  private final Map<Long, Integer> counts = new HashMap<>();
  private final Map<Long, int[]> contexts = new HashMap<>();

  TrigramModel(int vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** Counts a document. */
  void add(int[] ids) {
    for (int t = 1; t < ids.length; t++) {
      for (int order = 0; order <= Math.min(2, t); order++) {
        long context = context(ids, t, order);
        int[] seen = contexts.computeIfAbsent(context, k -> new int[2]);
        seen[0]++;
        if (counts.merge(context * vocabulary + ids[t], 1, Integer::sum) == 1) {
          seen[1]++;
        }
      }
    }
  }

  /** Probability of token {@code t} of a document after the tokens before it. */
  double probability(int[] ids, int t) {
    double p = 1.0 / vocabulary;
    for (int order = 0; order <= Math.min(2, t); order++) {
      long context = context(ids, t, order);
      int[] seen = contexts.get(context);
      if (seen != null) {
        int count = counts.getOrDefault(context * vocabulary + ids[t], 0);
        p = (count + seen[1] * p) / (seen[0] + seen[1]);
      }
    }
    return p;
  }

  /** A number for the {@code order} tokens before {@code t}; orders do not collide. */
  private long context(int[] ids, int t, int order) {
    long key = 0;
    for (int i = t - order; i < t; i++) {
      key = key * vocabulary + ids[i] + 1;
    }
    return key * 3 + order;
  }
}
