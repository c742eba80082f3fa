package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.PressDescriptor;

/**
 * Scores a token by how little its key resembles the others: {@code -cos(K_j, a)} with the anchor
 * {@code a} the mean of the normalised keys. The paper's form, in blocks, is {@code
 * block(keydiff)}.
 */
public final class KeyDiffPress extends ScorerPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("keydiff")
          .summary("Keeps the tokens whose keys differ most from the mean key.")
          .source("KeyDiff, arXiv 2504.15364; kvpress keydiff_press.py")
          .madeBy(arguments -> new KeyDiffPress());

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    return Scores.inParallel(
        layer,
        (scores, b, g) -> {
          double[] likeness = new AnchorCosines(layer.keys()).of(b, g, layer.length(b, g));
          for (int j = 0; j < likeness.length; j++) {
            scores.set(b, g, j, (float) -likeness[j]);
          }
        });
  }
}
