package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ForwardingLayerPress;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.signal.Signal;

/** A press that takes the scores of another and selects in its own way. */
abstract class DelegatingPress extends ForwardingLayerPress {
  final ScorerPress scorer;

  DelegatingPress(ScorerPress scorer) {
    super(scorer);
    this.scorer = scorer;
  }

  /** Whether the budget is a ratio that wrappers may apply to any number of tokens. */
  final boolean followsRatio(Budget budget) {
    return scorer.budgetKind() == BudgetKind.EXACT && budget.compressionRatio().isPresent();
  }

  /**
   * Whether the scorer judges by what is in the cache alone. Such a scorer can be asked about a
   * part of the cache, as kvpress asks it; one that reads attention or queries has its say about
   * the whole.
   */
  final boolean readsCacheOnly() {
    return scorer.needs().stream().allMatch(signal -> signal instanceof Signal.Auxiliary);
  }

  @Override
  public CacheShape leaves() {
    return scorer.leaves().and(CacheShape.SAME_LENGTH);
  }
}
