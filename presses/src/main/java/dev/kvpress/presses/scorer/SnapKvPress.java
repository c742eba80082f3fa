package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ObservedAttention;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Set;

/**
 * Scores the tokens before an observation window by the attention which the window pays them: mean
 * over the last W queries, smoothed along the tokens, mean over the query heads of the group. The
 * window itself stays.
 *
 * <p>As in kvpress the smoothing counts zeros beyond both ends. A context no longer than the window
 * keeps its most recent tokens, where kvpress refuses it; with fewer than W queries observed the
 * mean is over those there are.
 */
public final class SnapKvPress extends ScorerPress {
  static final Parameter WINDOW =
      Parameter.integer("window_size", 64, 1, "last queries that vote, and stay");
  static final Parameter KERNEL =
      Parameter.integer("kernel_size", 5, 1, "tokens smoothed over, an odd number");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("snapkv")
          .with(WINDOW)
          .with(KERNEL)
          .summary("Keeps the last tokens and those they attend to.")
          .source("SnapKV, arXiv 2404.14469; kvpress snapkv_press.py")
          .madeBy(
              arguments -> new SnapKvPress(arguments.integer(WINDOW), arguments.integer(KERNEL)));

  private final int window;
  private final int kernel;

  /**
   * Takes the sizes.
   *
   * @param window last queries that vote and stay, at least 1
   * @param kernel tokens smoothed over, odd and at least 1
   */
  public SnapKvPress(int window, int kernel) {
    this.window = WINDOW.checked(window);
    this.kernel = Smoothing.centred(kernel);
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    int group = layer.groupSize();
    ObservedAttention attention = layer.attention();
    return Scores.inParallel(
        layer,
        (scores, b, g) -> {
          int length = layer.length(b, g);
          int rows = attention.rows(b);
          int voters = Math.min(window, rows);
          double[] votes = new double[Math.max(0, length - window)];
          for (int h = g * group; h < (g + 1) * group; h++) {
            for (int r = rows - voters; r < rows; r++) {
              attention.addRow(b, h, r, votes, votes.length);
            }
          }
          Smoothing.mean(votes, kernel, voters * group);
          scores.setFrom(b, g, 0, votes);
          scores.protect(b, g, votes.length, length);
        });
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.AttentionRows(window));
  }

  @Override
  public int protectedTail() {
    return window;
  }
}
