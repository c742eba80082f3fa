package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Arrays;

/**
 * Scores a token by how widely its channels spread on the scale of the following block of tokens:
 * standard deviation over D of {@code (x - min) / (max - min)}, softmax within the block, mean of
 * keys and values; by default only the rank within the block counts. Sinks, the last block and the
 * rest after it score 1.
 *
 * <p>A context of fewer than {@code n_sink + 2 * lag_size} tokens is scored by position. A channel
 * that does not vary in the following block, where kvpress divides by zero, counts as zero.
 */
public final class LagKvPress extends ScorerPress {
  private static final Parameter SINKS =
      Parameter.integer("n_sink", 4, 0, "first tokens that stay");
  private static final Parameter LAG = Parameter.integer("lag_size", 128, 1, "tokens of a block");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("lagkv")
          .with(SINKS)
          .with(LAG)
          .with(Parameter.flag("cross_scoring", false, "compare scores across blocks, not ranks"))
          .summary("Keeps tokens whose keys and values stand out against the following block.")
          .source("LagKV, arXiv 2504.04704; kvpress lagkv_press.py")
          .madeBy(
              arguments ->
                  new LagKvPress(
                      arguments.integer(SINKS),
                      arguments.integer(LAG),
                      arguments.flag("cross_scoring")));

  private final int sinks;
  private final int lag;
  private final boolean crossScoring;

  /**
   * Takes the sizes.
   *
   * @param sinks first tokens that score 1, not negative
   * @param lag tokens of a block, at least 1
   * @param crossScoring whether scores are compared across blocks instead of ranks within them
   */
  public LagKvPress(int sinks, int lag, boolean crossScoring) {
    this.sinks = SINKS.checked(sinks);
    this.lag = LAG.checked(lag);
    this.crossScoring = crossScoring;
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    return Scores.inParallel(layer, (scores, b, g) -> scores.setHead(b, g, head(layer, b, g)));
  }

  private double[] head(LayerSignals layer, int row, int kvHead) {
    int length = layer.length(row, kvHead);
    double[] scores = new double[length];
    if (length < sinks + 2L * lag) {
      Arrays.setAll(scores, j -> j < sinks ? 1 : (double) (j - sinks) / (length - sinks));
      return scores;
    }
    Arrays.fill(scores, 1);
    int scored = (length - sinks) / lag - 1;
    double[][] ofKeys = new LagSpreads(layer.keys(), sinks, lag).of(row, kvHead, scored);
    double[][] ofValues = new LagSpreads(layer.values(), sinks, lag).of(row, kvHead, scored);
    for (int p = 0; p < scored; p++) {
      double[] mean = LagSpreads.mean(ofKeys[p], ofValues[p]);
      System.arraycopy(
          crossScoring ? mean : LagSpreads.ranks(mean), 0, scores, sinks + p * lag, lag);
    }
    return scores;
  }
}
