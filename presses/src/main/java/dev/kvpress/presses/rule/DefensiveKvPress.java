package dev.kvpress.presses.rule;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ForwardingLayerPress;
import dev.kvpress.presses.scorer.DefensiveScores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.wrapper.AdaKvPress;

/**
 * Guards against the worst case instead of the average: {@link DefensiveScores}, under a budget
 * that the heads of a layer share with no safe share for each.
 *
 * <p>The budget is what {@code adakv} gives, {@code G * (int) (n * (1 - r))} tokens a layer, where
 * the original truncates after the product. Any number of batch rows, each for itself.
 */
public final class DefensiveKvPress extends ForwardingLayerPress {
  /** Paper and code of both forms. */
  static final String SOURCE = "DefensiveKV, arXiv 2510.13334; FFY0/DefensiveKV";

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("defensivekv")
          .with(DefensiveScores.WINDOW)
          .with(DefensiveScores.KERNEL)
          .summary("Keeps what any recent query attends to, heads of a layer share one budget.")
          .source(SOURCE)
          .madeBy(
              arguments ->
                  new DefensiveKvPress(
                      arguments.integer(DefensiveScores.WINDOW),
                      arguments.integer(DefensiveScores.KERNEL)));

  /**
   * Takes the sizes.
   *
   * @param window last queries that vote and stay, at least 1
   * @param kernel tokens smoothed over, odd and at least 1
   */
  public DefensiveKvPress(int window, int kernel) {
    super(new AdaKvPress(new DefensiveScores(window, kernel), 0));
  }

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    return press.compress(layer, budget);
  }
}
