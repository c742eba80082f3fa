package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Optional;

/** A press that takes scores and deals the budget of a layer out to its heads in its own way. */
abstract class HeadBudgetPress extends DelegatingPress {
  HeadBudgetPress(ScorerPress scorer) {
    super(scorer);
  }

  /** What stays under a budget that removes something. */
  abstract CacheEdit deal(Scores scores, LayerSignals layer, Budget budget);

  /** What the scorer must remember of this step; nothing where nothing will ever go. */
  private Optional<PressState> remembered(LayerSignals layer, Budget budget) {
    return budget.keepsAll() && scorer.budgetKind() != BudgetKind.OWN
        ? Optional.empty()
        : scorer.observe(layer);
  }

  @Override
  public CacheEdit compress(LayerSignals signals, Budget budget) {
    Optional<PressState> state = remembered(signals, budget);
    LayerSignals layer = state.map(signals::withState).orElse(signals);
    if (!scorer.removesSomething(layer, budget)) {
      return CacheEdit.none().remembering(state);
    }
    Scores scores = scorer.score(layer, budget);
    scores.requireNumbers(layer);
    return deal(scores, layer, budget).remembering(state);
  }

  @Override
  public CacheShape leaves() {
    return CacheShape.BY_HEAD;
  }
}
