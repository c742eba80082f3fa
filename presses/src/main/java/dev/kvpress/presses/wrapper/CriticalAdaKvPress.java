package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Set;

/**
 * The budgets of {@link AdaKvPress} for each head, spent in the two stages of {@link
 * CriticalKvPress}. Budgets are per batch row, where kvpress adds those of all rows up.
 */
public final class CriticalAdaKvPress extends HeadBudgetPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("critical_adakv")
          .wraps("press")
          .with(AdaKvPress.ALPHA)
          .with(SecondStage.EPSILON)
          .with(SecondStage.FIRST_SHARE)
          .summary(
              "Wraps a scorer: AdaKV's budgets for the heads, CriticalKV's two stages in each.")
          .source("CriticalKV, arXiv 2502.03805; kvpress criticalkv_press.py")
          .madeBy(
              arguments ->
                  new CriticalAdaKvPress(
                      arguments.scorer(),
                      arguments.number(AdaKvPress.ALPHA),
                      arguments.number(SecondStage.EPSILON),
                      arguments.number(SecondStage.FIRST_SHARE)));

  private final double alpha;
  private final SecondStage stage;

  /**
   * Wraps a scorer.
   *
   * @param alpha share of its budget that a head keeps at least, in [0, 1]
   * @param epsilon added to scores in the second stage, not negative
   * @param firstStage share of a head's budget kept by score alone, in [0, 1]
   */
  public CriticalAdaKvPress(ScorerPress scorer, double alpha, double epsilon, double firstStage) {
    super(scorer);
    this.alpha = AdaKvPress.ALPHA.checked(alpha);
    this.stage = new SecondStage(epsilon, firstStage);
  }

  @Override
  CacheEdit deal(Scores first, LayerSignals layer, Budget budget) {
    int[][][] shared = AdaKvPress.select(scorer, alpha, first, layer, budget);
    Scores second =
        stage.scores(first, layer, (b, g) -> (int) (shared[b][g].length * stage.firstShare()));
    second.requireNumbers(layer);
    return CacheEdit.keep(layer, (b, g) -> second.top(b, g, shared[b][g].length));
  }

  @Override
  public Set<Signal> needs() {
    return SecondStage.needs(scorer);
  }
}
