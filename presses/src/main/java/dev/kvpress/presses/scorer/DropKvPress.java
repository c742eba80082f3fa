package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Set;

/**
 * Scores a token by how far its loss alone would move the attention output of the last W queries:
 * {@code sum_i (p_ij / (1 - p_ij + epsilon))^2 ‖v_j - o_i‖^2} with {@code o_i = sum_k p_ik v_k},
 * mean over the query heads of the group, smoothed along the tokens. The window itself stays.
 *
 * <p>As in kvpress the smoothing runs over the window too and counts zeros beyond both ends. A
 * budget below the window keeps its most recent tokens, where kvpress {@code dropkv_press.py} keeps
 * the whole window. Rows of earlier queries are taken as a softmax over the tokens that are still
 * there; with fewer than W queries observed the sum is over those there are.
 */
public final class DropKvPress extends ScorerPress {
  private static final Parameter EPSILON =
      Parameter.number("epsilon", 1e-6, 1e-12, Double.MAX_VALUE, "added to 1 - p");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("dropkv")
          .with(Parameter.integer("window_size", 32, 1, "last queries that vote, and stay"))
          .with(Parameter.integer("kernel_size", 7, 1, "tokens smoothed over, an odd number"))
          .with(EPSILON)
          .summary("Keeps the tokens whose loss would move the attention output most.")
          .source("DropKV, openreview MqfNzH3TVH; kvpress dropkv_press.py (issue 284)")
          .madeBy(
              arguments ->
                  new DropKvPress(
                      arguments.integer("window_size"),
                      arguments.integer("kernel_size"),
                      arguments.number(EPSILON)));

  private final int window;
  private final int kernel;
  private final double epsilon;

  /**
   * Takes the sizes.
   *
   * @param window last queries that vote and stay, at least 1
   * @param kernel tokens smoothed over, odd and at least 1
   * @param epsilon added to {@code 1 - p}, above 0
   */
  public DropKvPress(int window, int kernel, double epsilon) {
    this.window = SnapKvPress.WINDOW.checked(window);
    this.kernel = Smoothing.centred(kernel);
    this.epsilon = EPSILON.checked(epsilon);
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    return Scores.inParallel(
        layer,
        (scores, b, g) -> {
          int length = layer.length(b, g);
          double[] moved = new OutputShift(layer, b, g, epsilon).of(window);
          Smoothing.mean(moved, kernel, layer.groupSize());
          scores.setHead(b, g, moved);
          scores.protect(b, g, length - window, length);
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
