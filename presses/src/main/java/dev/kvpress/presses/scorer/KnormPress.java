package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.PressDescriptor;

/**
 * Scores a token by the length of its key: {@code -‖K_j‖}; short keys tend to draw attention.
 *
 * <p>Keys of equal length differ by rounding once they are rotated; such scores tie here and the
 * later token stays, where kvpress {@code knorm_press.py} leaves it to chance.
 */
public final class KnormPress extends ScorerPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("knorm")
          .summary("Keeps the tokens with the shortest keys.")
          .source("arXiv 2406.11430; kvpress knorm_press.py")
          .madeBy(arguments -> new KnormPress());

  // Rotation keeps norms, so in the first layer all copies of one token tie but for rounding. Float
  // noise of a few 1e-7 shall not decide between them.
  private static final float ROUNDING = 2e-6f;

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    Scores scores =
        Scores.inParallel(
            layer,
            (into, b, g) -> {
              int length = layer.length(b, g);
              double[] norms = layer.keys().norms(b, g, length);
              for (int j = 0; j < length; j++) {
                into.set(b, g, j, (float) -norms[j]);
              }
            });
    scores.tieWithin(ROUNDING);
    return scores;
  }

  @Override
  public ScoreTiming scoreTiming() {
    return ScoreTiming.ARRIVAL;
  }
}
