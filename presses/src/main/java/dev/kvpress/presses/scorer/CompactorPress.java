package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Adds non-causal attention and, weighted by {@code blending}, leverage of the tokens between the
 * sinks at both ends, which stay. Without {@code blending} the weight is the compression ratio.
 *
 * <p>Sinks are protected; kvpress {@code compactor_press.py} gives them the largest score there is,
 * which other tokens can tie with, and checks no ratio.
 */
public final class CompactorPress extends ScorerPress {
  /**
   * The choices.
   *
   * @param sinksAtStart first tokens that stay, not negative
   * @param sinksAtEnd last tokens that stay, not negative
   * @param chunk tokens that see each other, at least 1
   * @param directions random directions of the leverage sketch, at least 1
   * @param blending weight of the leverage; empty: the compression ratio
   * @param seed start of the random directions
   */
  public record Parameters(
      int sinksAtStart,
      int sinksAtEnd,
      int chunk,
      int directions,
      OptionalDouble blending,
      long seed) {
    /** Checks the ranges. */
    public Parameters {
      SINKS_AT_START.checked(sinksAtStart);
      SINKS_AT_END.checked(sinksAtEnd);
      NonCausalAttentionPress.CHUNK.checked(chunk);
      LeverageScorePress.SKETCH.checked(directions);
    }
  }

  private static final Parameter SINKS_AT_START =
      Parameter.integer("sink_size_start", 8, 0, "first tokens that stay");
  private static final Parameter SINKS_AT_END =
      Parameter.integer("sink_size_end", 4, 0, "last tokens that stay");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("compactor")
          .with(SINKS_AT_START)
          .with(SINKS_AT_END)
          .with(NonCausalAttentionPress.CHUNK)
          .with(LeverageScorePress.SKETCH)
          .with(
              Parameter.optionalNumber(
                  "blending", 0, Double.MAX_VALUE, "weight of leverage; the ratio if left out"))
          .with(LeverageScorePress.SEED)
          .summary("Keeps tokens by non-causal attention and leverage together.")
          .source("Compactor, arXiv 2507.08143; kvpress compactor_press.py")
          .madeBy(
              arguments ->
                  new CompactorPress(
                      new Parameters(
                          arguments.integer(SINKS_AT_START),
                          arguments.integer(SINKS_AT_END),
                          arguments.integer(NonCausalAttentionPress.CHUNK),
                          arguments.integer(LeverageScorePress.SKETCH),
                          arguments.optionalNumber("blending"),
                          arguments.integer(LeverageScorePress.SEED))));

  private final Parameters parameters;

  /** Takes the choices. */
  public CompactorPress(Parameters parameters) {
    this.parameters = parameters;
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    Scores scores = Scores.of(layer);
    int from = parameters.sinksAtStart();
    int tail = parameters.sinksAtEnd();
    for (int b = 0; b < layer.batch(); b++) {
      double[][] attention = NonCausalAttention.of(layer, b, parameters.chunk(), from, tail);
      double[][] leverage =
          Leverage.of(layer, b, parameters.directions(), parameters.seed(), from, tail);
      for (int g = 0; g < attention.length; g++) {
        double weight = blending(layer, budget, b, g);
        for (int j = 0; j < attention[g].length; j++) {
          scores.set(b, g, from + j, (float) (weight * leverage[g][j] + attention[g][j]));
        }
        int length = layer.length(b, g);
        scores.protect(b, g, 0, from);
        scores.protect(b, g, length - tail, length);
      }
    }
    return scores;
  }

  private double blending(LayerSignals layer, Budget budget, int row, int kvHead) {
    if (parameters.blending().isPresent()) {
      return parameters.blending().getAsDouble();
    }
    int length = Math.max(1, layer.length(row, kvHead));
    return budget
        .compressionRatio()
        .orElse(1.0 - (double) keptTokens(layer, budget, row, kvHead) / length);
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.Queries(Signal.ALL, true), new Signal.Rotary());
  }

  @Override
  public Set<Phase> phases() {
    return Set.of(Phase.PREFILL);
  }

  @Override
  public boolean scoresByBudget() {
    return parameters.blending().isEmpty();
  }
}
