package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.DelegatingScorer;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Set;

/**
 * SnapKV with more tokens for lower layers and fewer for higher ones, falling linearly; the mean
 * over the layers is the budget. {@code beta} sets how few the last layer gets ({@code m / beta}).
 * Where the window or the context leave no room for a slope, every layer keeps the same.
 *
 * <p>A model of one layer, where kvpress {@code pyramidkv_press.py} divides by zero, keeps the
 * budget; every layer keeps at least one token.
 */
public final class PyramidKvPress extends DelegatingScorer {
  private static final Parameter BETA =
      Parameter.integer("beta", 20, 1, "mean budget over that of the last layer");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("pyramidkv")
          .with(SnapKvPress.WINDOW)
          .with(SnapKvPress.KERNEL)
          .with(BETA)
          .summary("SnapKV with budgets that fall from layer to layer.")
          .source("PyramidKV, arXiv 2406.02069; kvpress pyramidkv_press.py")
          .madeBy(
              arguments ->
                  new PyramidKvPress(
                      arguments.integer(SnapKvPress.WINDOW),
                      arguments.integer(SnapKvPress.KERNEL),
                      arguments.integer(BETA)));

  private final int window;
  private final int beta;

  /**
   * Takes the sizes.
   *
   * @param window last queries that vote and stay, at least 1
   * @param kernel tokens smoothed over, odd and at least 1
   * @param beta how many times the mean budget that of the last layer is, at least 1
   */
  public PyramidKvPress(int window, int kernel, int beta) {
    super(new SnapKvPress(window, kernel));
    this.window = window;
    this.beta = BETA.checked(beta);
  }

  @Override
  public int grantedTokens(LayerSignals layer, Budget budget, int row, int kvHead) {
    int length = layer.length(row, kvHead);
    if (length == 0 || budget.keepsAll()) {
      return length;
    }
    double mean =
        budget.compressionRatio().isPresent()
            ? length * (1.0 - budget.compressionRatio().getAsDouble())
            : budget.keptOf(length);
    return layerBudget(length, mean, layer.layer(), layer.layers());
  }

  /**
   * Tokens that one layer keeps, rounded half to even as Python does.
   *
   * @param tokens cached tokens
   * @param mean tokens that layers keep on average
   */
  int layerBudget(int tokens, double mean, int layer, int layers) {
    double least = mean / beta;
    double most = mean * 2 - least;
    if (most >= tokens - window) {
      most = tokens - window;
      least = mean * 2 - most;
    }
    boolean slope = layers > 1 && tokens >= most && most >= least && least >= window;
    double kept = slope ? most - layer * (most - least) / (layers - 1) : mean;
    return Math.max(1, Math.min(tokens, (int) Math.rint(kept)));
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    return scorer.score(layer, budget);
  }

  @Override
  public int protectedTail() {
    return scorer.protectedTail();
  }

  @Override
  public Set<Phase> phases() {
    return Set.of(Phase.PREFILL);
  }

  @Override
  public CacheShape leaves() {
    return CacheShape.BY_LAYER;
  }

  @Override
  public BudgetKind budgetKind() {
    return BudgetKind.GRANULAR;
  }
}
