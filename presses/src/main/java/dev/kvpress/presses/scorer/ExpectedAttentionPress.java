package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressArguments;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Scores a token by the attention that future queries are expected to pay it. Queries are taken as
 * Gaussian, with the moments of those seen so far or of a file, and the rotation averaged over the
 * next positions: {@code softmax_j(k.mu'/sqrt(D) + k'Sigma'k/(2D))}, mean over the group, times the
 * length of the value. Sinks stay.
 *
 * <p>In decoding the moments go on over all queries of the text and the next positions follow its
 * true length, where kvpress {@code expected_attention_press.py} knows the queries since the last
 * cut only and counts positions from their number. A context no longer than the sinks is kept,
 * where kvpress refuses it.
 *
 * <p>The form with statistics reads {@code expected_attention_mean} {@code [H, D]} and {@code
 * expected_attention_covariance} {@code [H, D, D]} of each layer instead of queries. How they were
 * computed is the file's to say; kvpress {@code expected_attention_with_stats.py} divides by N-1
 * and downloads them.
 */
public final class ExpectedAttentionPress extends ScorerPress {
  /**
   * The choices.
   *
   * @param futurePositions positions ahead over which the rotation is averaged, at least 1
   * @param sinks first tokens that stay and whose queries do not count, not negative
   * @param useCovariance whether the quadratic term counts
   * @param useValueNorm whether the score is multiplied by the length of the value
   * @param epsilon added to the score before that, not negative
   */
  public record Parameters(
      int futurePositions, int sinks, boolean useCovariance, boolean useValueNorm, double epsilon) {
    /** Checks the ranges. */
    public Parameters {
      POSITIONS.checked(futurePositions);
      SINKS.checked(sinks);
      EPSILON.checked(epsilon);
    }
  }

  static final Parameter POSITIONS =
      Parameter.integer("n_future_positions", 512, 1, "positions looked ahead");
  static final Parameter SINKS = Parameter.integer("n_sink", 4, 0, "first tokens that stay");
  private static final Parameter EPSILON =
      Parameter.number("epsilon", 0, 0, Double.MAX_VALUE, "added before that");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      described("expected_attention")
          .summary("Keeps the tokens that future queries are expected to attend to.")
          .source("Expected Attention, arXiv 2510.00636; kvpress expected_attention_press.py")
          .madeBy(arguments -> new ExpectedAttentionPress(parameters(arguments), false));

  /** The catalogue line of the form with statistics from a file. */
  public static final PressDescriptor STATISTICS_DESCRIPTOR =
      described("expected_attention_with_stats")
          .alias("expected_attention_stats")
          .summary("Expected attention with query statistics from a file.")
          .source("Expected Attention, arXiv 2510.00636; kvpress expected_attention_with_stats.py")
          .madeBy(arguments -> new ExpectedAttentionPress(parameters(arguments), true));

  private final Parameters parameters;
  private final FutureQueries future;

  /**
   * Takes the choices.
   *
   * @param statistics whether the moments of the queries come from a file
   */
  public ExpectedAttentionPress(Parameters parameters, boolean statistics) {
    this.parameters = parameters;
    this.future =
        new FutureQueries(
            parameters.futurePositions(),
            parameters.sinks(),
            parameters.useCovariance(),
            statistics);
  }

  private static PressDescriptor.Builder described(String name) {
    return PressDescriptor.named(name)
        .with(POSITIONS)
        .with(SINKS)
        .with(Parameter.flag("use_covariance", true, "use the covariance of the queries"))
        .with(Parameter.flag("use_vnorm", true, "multiply by the length of the value"))
        .with(EPSILON)
        .dmsThreshold(0.3);
  }

  private static Parameters parameters(PressArguments arguments) {
    return new Parameters(
        arguments.integer(POSITIONS),
        arguments.integer(SINKS),
        arguments.flag("use_covariance"),
        arguments.flag("use_vnorm"),
        arguments.number(EPSILON));
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    List<QueryMoments> queries = future.of(layer);
    int group = layer.groupSize();
    return Scores.inParallel(
        layer,
        (scores, b, g) -> {
          int sinks = layer.slotsBefore(b, g, parameters.sinks());
          int first = b * layer.queryHeads() + g * group;
          double[] mean =
              ExpectedWeights.of(layer, b, g, queries.subList(first, first + group), sinks);
          if (parameters.useValueNorm()) {
            weigh(layer, b, g, sinks, mean);
          }
          scores.setFrom(b, g, sinks, mean);
          scores.protect(b, g, 0, sinks);
        });
  }

  private void weigh(LayerSignals layer, int row, int kvHead, int sinks, double[] scores) {
    double[] norms = layer.values().norms(row, kvHead, layer.length(row, kvHead));
    for (int j = 0; j < scores.length; j++) {
      scores[j] = (scores[j] + parameters.epsilon()) * norms[sinks + j];
    }
  }

  /** What its state is called in files. */
  public static final String STATE = SeenQueries.KIND;

  /**
   * Its state out of a file.
   *
   * @throws IllegalArgumentException naming what is wrong with it
   */
  public static PressState restored(SavedState saved, LayerLedger ledger) {
    return SeenQueries.restored(saved, ledger);
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
