package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Set;

/**
 * Scores a token by the statistical leverage of its key before rotation, estimated on a random
 * sketch. The sketch is drawn from {@code seed}, layer and head, where kvpress {@code
 * leverage_press.py} draws it anew each time; computed in double, the decomposition needs none of
 * the jitter that kvpress adds in up to five tries.
 */
public final class LeverageScorePress extends ScorerPress {
  static final Parameter SKETCH =
      Parameter.integer("sketch_dimension", 48, 1, "random directions of the sketch");
  static final Parameter SEED =
      Parameter.integer("seed", 42, Integer.MIN_VALUE, "start of the random directions");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("leverage_score")
          .with(SKETCH)
          .with(SEED)
          .summary("Keeps the tokens whose keys the others cannot stand in for.")
          .source("Compactor, arXiv 2507.08143; kvpress leverage_press.py")
          .madeBy(
              arguments ->
                  new LeverageScorePress(arguments.integer(SKETCH), arguments.integer(SEED)));

  private final int directions;
  private final long seed;

  /**
   * Takes the sketch.
   *
   * @param directions random directions of the sketch, at least 1
   * @param seed where they start
   */
  public LeverageScorePress(int directions, long seed) {
    this.directions = SKETCH.checked(directions);
    this.seed = seed;
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    Scores scores = Scores.of(layer);
    for (int b = 0; b < layer.batch(); b++) {
      double[][] heads = Leverage.of(layer, b, directions, seed, 0, 0);
      for (int g = 0; g < heads.length; g++) {
        scores.setHead(b, g, heads[g]);
      }
    }
    return scores;
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.Rotary());
  }

  @Override
  public Set<Phase> phases() {
    return Set.of(Phase.PREFILL);
  }
}
