package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import java.util.Set;

/** A scorer around a scorer that follows the same budget in the same phases. */
abstract class DelegatingScorer extends ScorerPress {
  final ScorerPress scorer;

  DelegatingScorer(ScorerPress scorer) {
    this.scorer = scorer;
  }

  @Override
  public int grantedTokens(LayerSignals layer, Budget budget, int row, int kvHead) {
    return scorer.grantedTokens(layer, budget, row, kvHead);
  }

  @Override
  public Set<Signal> needs() {
    return scorer.needs();
  }

  @Override
  public Set<Phase> phases() {
    return scorer.phases();
  }

  @Override
  public boolean evictsWhileDecoding() {
    return scorer.evictsWhileDecoding();
  }

  @Override
  public BudgetKind budgetKind() {
    return scorer.budgetKind();
  }
}
