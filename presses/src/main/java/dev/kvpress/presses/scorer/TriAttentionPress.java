package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Scores a token by the attention that queries are known to pay at its distance: {@code sum_f |μ_f|
 * |k_f| cos(ω_f Δ + φ_f) + (E|q_f| − |μ_f|) |k_f|} over the channel pairs f of the rotary
 * embedding, {@code μ} the mean query before rotation, {@code φ_f} the angle between both, mean
 * over the distances Δ from the token to 1, 2, 4 … tokens ahead. Of the query heads of the group
 * the largest score counts, each standardised over the cached tokens before.
 *
 * <p>The cosine series is a scalar product of the key as it is cached with the mean query turned to
 * the position from which it looks, so no key is turned back ({@link TurnedCentres}). Means and
 * lengths are measured beforehand on any text: the trained tensors {@link #MEAN} and {@link
 * #LENGTH}, both {@code [H, D]}.
 *
 * <p>Every layer and KV head chooses for itself, a mode that the original offers; its experiments
 * average the scores of a KV head over all layers. The tokens of the prompt compete with the
 * others, which the original lets them do on demand.
 */
public final class TriAttentionPress extends ScorerPress {
  /** Mean of the queries before rotation. */
  public static final String MEAN = "triattention.query_mean";

  /**
   * Mean length of the queries before rotation in the pair that a channel belongs to, so both
   * channels of a pair hold the same; of a channel that is not turned the mean absolute value.
   */
  public static final String LENGTH = "triattention.query_length";

  // Of a deviation, as in the original.
  private static final double FLOOR = 1e-6;
  private static final Parameter FARTHEST =
      Parameter.integer(
          "offset_max_length", 65536, 1, "farthest of the positions ahead, powers of two");

  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("triattention")
          .with(FARTHEST)
          .with(Parameter.flag("normalize_scores", true, "standardise the scores of a query head"))
          .summary("Keeps the tokens at distances that the model's queries are known to look at.")
          .source("TriAttention, arXiv 2604.04921; triattention triattention.py")
          .madeBy(
              arguments ->
                  new TriAttentionPress(
                      arguments.integer(FARTHEST), arguments.flag("normalize_scores")));

  private final int farthest;
  private final boolean normalize;

  /**
   * Takes the choices.
   *
   * @param farthest largest offset ahead, at least 1
   * @param normalize whether the scores of a query head are standardised over the tokens
   */
  public TriAttentionPress(int farthest, boolean normalize) {
    this.farthest = FARTHEST.checked(farthest);
    this.normalize = normalize;
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    return Scores.inParallel(
        layer,
        (scores, b, g) -> {
          TurnedCentres centres = new TurnedCentres(layer, b, g, farthest);
          double[] largest = null;
          for (double[] ofHead : centres.scores(layer.length(b, g))) {
            double[] own = normalize ? standardised(ofHead) : ofHead;
            largest = largest == null ? own : larger(largest, own);
          }
          scores.setHead(b, g, largest == null ? new double[0] : largest);
        });
  }

  /** To mean 0 and deviation 1 over the tokens, in place. */
  private static double[] standardised(double[] scores) {
    double mean = Arrays.stream(scores).average().orElse(0);
    double squares = 0;
    for (double score : scores) {
      squares += (score - mean) * (score - mean);
    }
    double deviation = Math.max(Math.sqrt(squares / Math.max(1, scores.length)), FLOOR);
    for (int j = 0; j < scores.length; j++) {
      scores[j] = (scores[j] - mean) / deviation;
    }
    return scores;
  }

  private static double[] larger(double[] one, double[] other) {
    for (int j = 0; j < one.length; j++) {
      one[j] = Math.max(one[j], other[j]);
    }
    return one;
  }

  @Override
  public Set<Signal> needs() {
    Set<Signal> needs = new LinkedHashSet<>();
    needs.add(new Signal.Rotary());
    needs.add(new Signal.Auxiliary(MEAN));
    needs.add(new Signal.Auxiliary(LENGTH));
    return needs;
  }
}
