package dev.kvpress.presses.spec;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.DelegatingScorer;
import dev.kvpress.presses.ForwardingPress;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import java.util.List;
import java.util.Optional;

/** Puts the budget written in a spec in the place of the run's; a scorer stays a scorer. */
final class FixedBudget {
  private FixedBudget() {}

  static ModelPress on(ModelPress press, Budget budget) {
    if (press instanceof ScorerPress scorer) {
      return new OnScorer(scorer, budget);
    }
    return press instanceof Press layerPress
        ? new OnLayerPress(layerPress, budget)
        : new OnModelPress(press, budget);
  }

  private static class OnModelPress extends ForwardingPress {
    private final ModelPress press;
    final Budget fixed;

    OnModelPress(ModelPress press, Budget fixed) {
      super(press);
      this.press = press;
      this.fixed = fixed;
    }

    @Override
    public List<Optional<PressState>> observe(ModelSignals model) {
      return press.observe(model);
    }

    @Override
    public List<CacheEdit> compress(ModelSignals model, Budget budget) {
      return press.compress(model, fixed);
    }

    @Override
    public BudgetKind budgetKind() {
      return BudgetKind.OWN;
    }
  }

  private static final class OnLayerPress extends OnModelPress implements Press {
    private final Press layerPress;

    OnLayerPress(Press press, Budget fixed) {
      super(press, fixed);
      layerPress = press;
    }

    @Override
    public Optional<PressState> observe(LayerSignals layer) {
      return layerPress.observe(layer);
    }

    @Override
    public CacheEdit compress(LayerSignals layer, Budget budget) {
      return layerPress.compress(layer, fixed);
    }
  }

  private static final class OnScorer extends DelegatingScorer {
    private final Budget fixed;

    OnScorer(ScorerPress scorer, Budget fixed) {
      super(scorer);
      this.fixed = fixed;
    }

    @Override
    public Scores score(LayerSignals layer, Budget budget) {
      return scorer.score(layer, fixed);
    }

    @Override
    public CacheEdit compress(LayerSignals layer, Budget budget) {
      return scorer.compress(layer, fixed);
    }

    @Override
    public int grantedTokens(LayerSignals layer, Budget budget, int row, int kvHead) {
      return scorer.grantedTokens(layer, fixed, row, kvHead);
    }

    @Override
    public ScoreTiming scoreTiming() {
      return scorer.scoreTiming();
    }

    @Override
    public int protectedHead() {
      return scorer.protectedHead();
    }

    @Override
    public int protectedTail() {
      return scorer.protectedTail();
    }

    @Override
    public int protectedTail(LayerSignals layer, int row) {
      return scorer.protectedTail(layer, row);
    }

    @Override
    public boolean scoresByBudget() {
      return scorer.scoresByBudget();
    }

    @Override
    public BudgetKind budgetKind() {
      return BudgetKind.OWN;
    }
  }
}
