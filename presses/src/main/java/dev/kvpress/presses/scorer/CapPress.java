package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Scores a token by what its value adds to those of the other tokens that future queries look at:
 * with {@code w_j = exp(tau (cos(mu', k_j) - max))} and {@code A = I + sum_j (w_j + epsilon) v_j
 * v_j'} the score is {@code w_j v_j' A^-1 v_j}, mean over the group. Sinks stay.
 *
 * <p>{@code mu'} is the mean query under the rotation averaged over the next positions, as in
 * {@link ExpectedAttentionPress}, of all queries of the text in decoding too. A context no longer
 * than the sinks is kept, where kvpress {@code cap_press.py} refuses it.
 */
public final class CapPress extends ScorerPress {
  private static final Parameter TAU =
      Parameter.number("tau", 5, 0, Double.MAX_VALUE, "sharpness of the alignment");
  private static final Parameter EPSILON =
      Parameter.number("epsilon", 1e-6, 0, Double.MAX_VALUE, "added to the weights");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("cap")
          .with(TAU)
          .with(ExpectedAttentionPress.POSITIONS)
          .with(ExpectedAttentionPress.SINKS)
          .with(EPSILON)
          .summary("Keeps the tokens whose values the others cannot stand in for.")
          .source("CapKV, arXiv 2604.25975; kvpress cap_press.py")
          .madeBy(
              arguments ->
                  new CapPress(
                      arguments.number(TAU),
                      arguments.integer(ExpectedAttentionPress.POSITIONS),
                      arguments.integer(ExpectedAttentionPress.SINKS),
                      arguments.number(EPSILON)));

  private final double tau;
  private final int sinks;
  private final double epsilon;
  private final FutureQueries future;

  /**
   * Takes the choices.
   *
   * @param tau sharpness of the alignment of keys and queries, not negative
   * @param futurePositions positions ahead over which the rotation is averaged, at least 1
   * @param sinks first tokens that stay and whose queries do not count, not negative
   * @param epsilon added to the weights in A, not negative
   */
  public CapPress(double tau, int futurePositions, int sinks, double epsilon) {
    this.tau = TAU.checked(tau);
    this.sinks = sinks;
    this.epsilon = EPSILON.checked(epsilon);
    this.future = new FutureQueries(futurePositions, sinks, false, false);
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    List<QueryMoments> queries = future.of(layer);
    int group = layer.groupSize();
    return Scores.inParallel(
        layer,
        (scores, b, g) -> {
          int first = layer.slotsBefore(b, g, sinks);
          int head = b * layer.queryHeads() + g * group;
          double[][] means =
              queries.subList(head, head + group).stream()
                  .map(QueryMoments::mean)
                  .toArray(double[][]::new);
          double[] mean = new ValueCapacity(layer, b, g, first).leverage(means, tau, epsilon);
          scores.setFrom(b, g, first, mean);
          scores.protect(b, g, 0, first);
        });
  }

  @Override
  public Optional<PressState> observe(LayerSignals layer) {
    return future.observe(layer);
  }

  @Override
  public Set<Signal> needs() {
    return future.needs();
  }
}
