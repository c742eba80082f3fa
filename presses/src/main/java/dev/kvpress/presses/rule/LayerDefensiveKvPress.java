package dev.kvpress.presses.rule;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.scorer.DefensiveScores;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.List;
import java.util.Set;

/**
 * {@link DefensiveKvPress} with one budget for all heads of all layers.
 *
 * <p>Windows and winners of the first stage stay in every layer, where the original gives them the
 * largest score of their layer, with which a whole layer may lose against the others.
 */
public final class LayerDefensiveKvPress implements ModelPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("layer_defensivekv")
          .with(DefensiveScores.WINDOW)
          .with(DefensiveScores.KERNEL)
          .summary("Keeps what any recent query attends to, all layers share one budget.")
          .source(DefensiveKvPress.SOURCE)
          .madeBy(
              arguments ->
                  new LayerDefensiveKvPress(
                      arguments.integer(DefensiveScores.WINDOW),
                      arguments.integer(DefensiveScores.KERNEL)));

  private final DefensiveScores scorer;

  /**
   * Takes the sizes.
   *
   * @param window last queries that vote and stay, at least 1
   * @param kernel tokens smoothed over, odd and at least 1
   */
  public LayerDefensiveKvPress(int window, int kernel) {
    scorer = new DefensiveScores(window, kernel);
  }

  @Override
  public List<CacheEdit> compress(ModelSignals model, Budget budget) {
    return SharedBudget.ofAllLayers(model, budget, scorer);
  }

  @Override
  public Set<Signal> needs() {
    return scorer.needs();
  }

  @Override
  public Set<Phase> phases() {
    return scorer.phases();
  }

  @Override
  public CacheShape leaves() {
    return CacheShape.BY_HEAD;
  }
}
