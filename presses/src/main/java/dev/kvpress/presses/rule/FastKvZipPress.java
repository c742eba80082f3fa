package dev.kvpress.presses.rule;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.scorer.GateScores;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import dev.kvpress.presses.wrapper.AdaKvPress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps what a trained gate expects KVzip to find important, without reading the text again: {@link
 * GateScores}, under one budget for all heads of all layers, or with {@code layerwise} one for the
 * heads of each layer.
 *
 * <p>Heads really get shorter, where kvpress {@code fastkvzip_press.py} masks, and each keeps a
 * token; any number of batch rows. Scores at arrival are remembered, so that it works in decoding
 * too. Of texts of fewer than {@code 1 / window_ratio} tokens the window is empty, where kvpress's
 * slice protects everything.
 */
public final class FastKvZipPress implements ModelPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("fastkvzip")
          .with(Parameter.flag("layerwise", false, "a budget for each layer, not one for all"))
          .with(GateScores.SINKS)
          .with(GateScores.WINDOW)
          .with(GateScores.SHARE)
          .summary("Keeps what trained gates expect KVzip to keep, without a second pass.")
          .source("Fast KVzip, arXiv 2601.17668; kvpress fastkvzip_press.py")
          .madeBy(
              arguments ->
                  new FastKvZipPress(arguments.flag("layerwise"), GateScores.of(arguments)));

  private final boolean layerwise;
  private final GateScores scorer;

  /**
   * Takes what scores and how the budget is shared.
   *
   * @param layerwise whether every layer has a budget of its own
   */
  public FastKvZipPress(boolean layerwise, GateScores scorer) {
    this.layerwise = layerwise;
    this.scorer = scorer;
  }

  @Override
  public List<CacheEdit> compress(ModelSignals model, Budget budget) {
    return layerwise
        ? new AdaKvPress(scorer, 0).compress(model, budget)
        : SharedBudget.ofAllLayers(model, budget, scorer);
  }

  @Override
  public List<Optional<PressState>> observe(ModelSignals model) {
    return scorer.observe(model);
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
