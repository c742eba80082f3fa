package dev.kvpress.presses.rule;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.ZeroedChannels;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Set;

/**
 * Sets the least important key channels to zero: {@code mean_q(q_c^2) * mean_j(k_jc^2)} over the
 * last queries and all keys, mean over the group. No token goes and no memory is freed; it shows
 * what a thinner key cache would cost. Of equal channels the lower ones go.
 */
public final class ThinkPress implements Press {
  private static final Parameter RATIO =
      Parameter.number("key_channel_compression_ratio", 0, 0, 1, "fraction of key channels zeroed");
  private static final Parameter WINDOW =
      Parameter.integer("window_size", 32, 1, "last queries that vote");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("think")
          .with(RATIO)
          .with(WINDOW)
          .summary("Zeroes the key channels that matter least to the last queries.")
          .source("ThinK, arXiv 2407.21018; kvpress think_press.py")
          .madeBy(arguments -> new ThinkPress(arguments.number(RATIO), arguments.integer(WINDOW)));

  private final double ratio;
  private final int window;

  /**
   * Takes the sizes.
   *
   * @param ratio fraction of key channels zeroed, in [0, 1]
   * @param window last queries that vote, at least 1
   */
  public ThinkPress(double ratio, int window) {
    this.ratio = RATIO.checked(ratio);
    this.window = WINDOW.checked(window);
  }

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    if (ratio == 0) {
      return CacheEdit.none();
    }
    int count = (int) (layer.keys().size() * ratio);
    int[][] zeroed = ChannelImportance.least(layer, window, count);
    return CacheEdit.zero(new ZeroedChannels(layer.batch(), layer.kvHeads(), zeroed));
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.Queries(window, true));
  }

  @Override
  public CacheShape leaves() {
    return CacheShape.WHOLE;
  }

  @Override
  public BudgetKind budgetKind() {
    return BudgetKind.OWN;
  }
}
