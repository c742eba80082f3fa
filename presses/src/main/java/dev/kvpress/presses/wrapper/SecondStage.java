package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import java.util.List;
import java.util.Set;

/**
 * CriticalKV's second look at scores: winners of the first are protected, the others weighed by
 * what their value does to the output of the layer.
 *
 * @param epsilon added to scores before they are weighed, not negative
 * @param firstShare share of the budget kept by score alone, in [0, 1]
 */
record SecondStage(double epsilon, double firstShare) {
  static final Parameter EPSILON =
      Parameter.number("epsilon", 1e-4, 0, Double.MAX_VALUE, "added to scores in the second stage");
  static final Parameter FIRST_SHARE =
      Parameter.number("first_stage_ratio", 0.5, 0, 1, "share of the budget kept by score alone");

  /** Checks the ranges. */
  SecondStage {
    EPSILON.checked(epsilon);
    FIRST_SHARE.checked(firstShare);
  }

  /** Number of winners of one head. */
  interface Winners {
    int of(int row, int kvHead);
  }

  /**
   * The scores of the second stage: {@code (score + epsilon) * ‖Wo V_j‖_1}. Tokens which the scorer
   * protects count as the largest finite score of the layer plus one, as in kvpress.
   */
  Scores scores(Scores first, LayerSignals layer, Winners winners) {
    Scores second = first.withFiniteProtection();
    float[][] norms = ProjectedValues.norms(layer);
    for (int head = 0; head < norms.length; head++) {
      int row = head / layer.kvHeads();
      int kvHead = head % layer.kvHeads();
      for (int j = 0; j < norms[head].length; j++) {
        double weighted = (second.get(row, kvHead, j) + epsilon) * norms[head][j];
        second.set(row, kvHead, j, (float) weighted);
      }
      for (int slot : first.top(row, kvHead, winners.of(row, kvHead))) {
        second.protect(row, kvHead, slot, slot + 1);
      }
    }
    return second;
  }

  /** What the scorer needs, and the projection. */
  static Set<Signal> needs(ScorerPress scorer) {
    return Signal.union(List.of(scorer.needs(), Set.of(new Signal.OutputProjection())));
  }
}
