package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.DelegatingScorer;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Two stages: a share of the budget goes to the highest scores, the rest to the highest {@code
 * (score + epsilon) * ‖Wo V_j‖_1}, the bound of what the token's loss does to the layer's output.
 *
 * <p>Winners of the first stage are protected. Tokens which the scorer protects enter the second
 * stage with the largest finite score of the layer plus one, as in kvpress.
 */
public final class CriticalKvPress extends DelegatingScorer {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("criticalkv")
          .wraps("press")
          .with(SecondStage.EPSILON)
          .with(SecondStage.FIRST_SHARE)
          .summary("Wraps a scorer: weighs scores by what a value does to the layer's output.")
          .source("CriticalKV, arXiv 2502.03805; kvpress criticalkv_press.py")
          .madeBy(
              arguments ->
                  new CriticalKvPress(
                      arguments.scorer(),
                      arguments.number(SecondStage.EPSILON),
                      arguments.number(SecondStage.FIRST_SHARE)));

  private final SecondStage stage;

  /**
   * Wraps a scorer.
   *
   * @param epsilon added to scores in the second stage, not negative
   * @param firstStage share of the budget kept by score alone, in [0, 1]
   */
  public CriticalKvPress(ScorerPress scorer, double epsilon, double firstStage) {
    super(scorer);
    this.stage = new SecondStage(epsilon, firstStage);
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    Scores first = scorer.score(layer, budget);
    return stage.scores(first, layer, (b, g) -> firstStageTokens(layer, budget, b, g));
  }

  private int firstStageTokens(LayerSignals layer, Budget budget, int row, int kvHead) {
    OptionalDouble ratio = budget.compressionRatio();
    // kvpress truncates once, after both factors.
    double tokens =
        scorer.budgetKind() == BudgetKind.EXACT && ratio.isPresent()
            ? (1 - ratio.getAsDouble()) * countedTokens(layer, row, kvHead) * stage.firstShare()
            : scorer.keptTokens(layer, budget, row, kvHead) * stage.firstShare();
    return Math.min(layer.length(row, kvHead), (int) tokens);
  }

  @Override
  public CacheShape leaves() {
    return scorer.leaves().and(CacheShape.SAME_LENGTH);
  }

  @Override
  public boolean scoresByBudget() {
    return true;
  }

  @Override
  public Set<Signal> needs() {
    return SecondStage.needs(scorer);
  }
}
