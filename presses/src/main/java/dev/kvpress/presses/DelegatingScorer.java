package dev.kvpress.presses;

import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import java.util.Optional;
import java.util.Set;

/**
 * A scorer around a scorer that asks for the same signals and works in the same phases under the
 * same budget. Subclasses say what the score becomes.
 */
public abstract class DelegatingScorer extends ScorerPress {
  /** The scorer inside. */
  protected final ScorerPress scorer;

  /** Wraps a scorer. */
  protected DelegatingScorer(ScorerPress scorer) {
    this.scorer = scorer;
  }

  @Override
  public int grantedTokens(LayerSignals layer, Budget budget, int row, int kvHead) {
    return scorer.grantedTokens(layer, budget, row, kvHead);
  }

  @Override
  public Optional<PressState> observe(LayerSignals layer) {
    return scorer.observe(layer);
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
  public CacheShape leaves() {
    return scorer.leaves();
  }

  @Override
  public CacheShape accepts() {
    return scorer.accepts();
  }

  @Override
  public Optional<CacheFormat> cacheFormat() {
    return scorer.cacheFormat();
  }

  @Override
  public BudgetKind budgetKind() {
    return scorer.budgetKind();
  }
}
