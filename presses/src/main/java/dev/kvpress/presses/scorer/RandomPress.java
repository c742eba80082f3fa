package dev.kvpress.presses.scorer;

import static dev.kvpress.presses.kernel.SplitMix.mix;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.kernel.SplitMix;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;

/**
 * Scores at random, uniform in [0, 1): what a press must beat.
 *
 * <p>The score is a hash of (seed, batch row, layer, KV head, original position), so it is the same
 * however the text was chunked and whatever was evicted before, and differs between layers (kvpress
 * {@code random_press.py} gives every layer of one seed the same pattern).
 */
public final class RandomPress extends ScorerPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("random")
          .with(Parameter.integer("seed", 42, Integer.MIN_VALUE, "start of the random numbers"))
          .summary("Keeps random tokens.")
          .source("kvpress random_press.py")
          .dmsThreshold(0.8)
          .madeBy(arguments -> new RandomPress(arguments.integer("seed")));

  private final long seed;

  /** Takes the seed. */
  public RandomPress(long seed) {
    this.seed = seed;
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    return Scores.of(
        layer,
        (scores, b, g) -> {
          long head = mix(mix(mix(mix(seed) + b) + layer.layer()) + g);
          for (int j = 0; j < layer.length(b, g); j++) {
            scores.set(b, g, j, SplitMix.uniform(mix(head + layer.position(b, g, j))));
          }
        });
  }

  @Override
  public ScoreTiming scoreTiming() {
    return ScoreTiming.ARRIVAL;
  }
}
