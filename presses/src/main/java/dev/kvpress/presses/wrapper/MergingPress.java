package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ForwardingLayerPress;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;

/**
 * Folds the value of each token that goes into the most similar one that stays: similarity is the
 * cosine of the keys, the weight is {@code max(cos, 0) * ‖V_e‖ / (‖V_e‖ + ‖V_t‖)}, and a value that
 * took weights w becomes {@code (V_t + Σ w V_e) / (1 + Σ w)}. Keys stay as they are.
 *
 * <p>Which tokens go is the choice of the press inside, which may be any that works layer by layer
 * (kvpress {@code merging_press.py} takes scorers only). Of equally similar tokens the later one
 * takes the value. Where few tokens pass the threshold, {@code merge_fraction} still merges the
 * most similar of these; kvpress's interpolated quantile then merges none. The work grows with
 * tokens gone times tokens left.
 */
public final class MergingPress extends ForwardingLayerPress {
  private static final Parameter THRESHOLD =
      Parameter.number("similarity_threshold", 0, 0, 1, "cosine below which a token is not merged");
  private static final Parameter FRACTION =
      Parameter.number(
          "merge_fraction", 1, 0, 1, "share of the tokens gone merged, most similar first");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("merging")
          .wraps("press")
          .with(THRESHOLD)
          .with(FRACTION)
          .summary("Wraps a press: folds values of tokens that go into similar ones that stay.")
          .source("D2O, arXiv 2406.13035; kvpress merging_press.py")
          .madeBy(
              arguments ->
                  new MergingPress(
                      Refusals.ofMerging(arguments),
                      arguments.number(THRESHOLD),
                      arguments.number(FRACTION)));

  private final double threshold;
  private final double fraction;

  /**
   * Wraps a press.
   *
   * @param threshold cosine of two keys below which their tokens are not merged, in [0, 1]
   * @param fraction share of the tokens gone that is merged, in [0, 1]
   */
  public MergingPress(Press press, double threshold, double fraction) {
    super(press);
    this.threshold = THRESHOLD.checked(threshold);
    this.fraction = FRACTION.checked(fraction);
  }

  @Override
  public CacheEdit compress(LayerSignals layer, Budget budget) {
    CacheEdit edit = press.compress(layer, budget);
    if (edit.kept().isEmpty() || fraction == 0) {
      return edit;
    }
    KeptSlots kept = edit.kept().get();
    ValueSums values = new ValueSums(layer, kept);
    for (SimilarTokens similar : SimilarTokens.of(layer, kept)) {
      similar.mergeInto(values, threshold, fraction);
    }
    return edit.withValues(values.averages());
  }

  @Override
  public boolean replacesValues() {
    return true;
  }
}
