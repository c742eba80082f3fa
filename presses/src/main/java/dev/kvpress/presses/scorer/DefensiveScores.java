package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.wrapper.ProjectedValues;
import java.util.Set;

/**
 * The scores of {@code defensivekv}: the largest attention that any of the last W queries of the
 * group pays a token, smoothed along the tokens and raised to the mean of these over all tokens
 * (what the past shows to be unimportant may become important), times {@code ‖Wo V_j‖_1} as a share
 * of its sum over the KV heads.
 *
 * <p>The window is protected, and as the first stage of CriticalKV the tokens with the most
 * attention on average that have less than 90 % of it together, at most as many as the budget
 * leaves of the tokens before the window, less W. As in the original, what the W tokens before the
 * window receive, on average over all heads, counts as part of the 90 %, where that of the window
 * seems to be meant.
 */
public final class DefensiveScores extends ScorerPress {
  /** Last queries that vote, and stay. */
  public static final Parameter WINDOW =
      Parameter.integer("window_size", 32, 1, "last queries that vote, and stay");

  /** Tokens smoothed over. */
  public static final Parameter KERNEL =
      Parameter.integer("kernel_size", 5, 1, "tokens smoothed over, an odd number");

  private static final double FIRST_STAGE = 0.9;

  private final int window;
  private final int kernel;

  /**
   * Takes the sizes.
   *
   * @param window last queries that vote and stay, at least 1
   * @param kernel tokens smoothed over, odd and at least 1
   */
  public DefensiveScores(int window, int kernel) {
    this.window = WINDOW.checked(window);
    this.kernel = Smoothing.centred(kernel);
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    int heads = layer.kvHeads();
    WindowVotes[] votes = new WindowVotes[layer.batch() * heads];
    Scores means =
        Scores.inParallel(
            layer,
            (scores, b, g) -> {
              WindowVotes own = WindowVotes.of(layer, b, g, window, kernel);
              votes[b * heads + g] = own;
              scores.setFrom(b, g, 0, own.mean());
            });
    float[][] shares = ProjectedValues.norms(layer);
    NormShares.share(layer, shares);
    return Scores.of(
        layer,
        (scores, b, g) -> {
          WindowVotes own = votes[b * heads + g];
          int scored = own.mean().length;
          for (int j = 0; j < scored; j++) {
            scores.set(b, g, j, (float) (own.largest()[j] * shares[b * heads + g][j]));
          }
          int most = own.below(FIRST_STAGE - beforeWindow(votes, b, heads));
          int winners = Math.min(most, room(layer, budget, b, g));
          for (int slot : means.top(b, g, winners)) {
            scores.protect(b, g, slot, slot + 1);
          }
          scores.protect(b, g, scored, layer.length(b, g));
        });
  }

  /** Of what the budget leaves of the tokens before the window, that which is not the window's. */
  private int room(LayerSignals layer, Budget budget, int row, int kvHead) {
    int before = Math.max(0, countedTokens(layer, row, kvHead) - window);
    return Math.max(0, budget.keptOf(before) - window);
  }

  private static double beforeWindow(WindowVotes[] votes, int row, int heads) {
    double sum = 0;
    for (int g = 0; g < heads; g++) {
      sum += votes[row * heads + g].beforeWindow();
    }
    return sum / heads;
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.AttentionRows(window), new Signal.OutputProjection());
  }

  @Override
  public boolean scoresByBudget() {
    return true;
  }

  @Override
  public int protectedTail() {
    return window;
  }
}
