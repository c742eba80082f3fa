package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Set;

/**
 * Scores a token by the attention it has received: {@code sum_i A[h,i,j] / (queries that see j)},
 * mean over the query heads of the group.
 *
 * <p>Without a local window the newest tokens, seen by few queries, score high: the last one is
 * divided by one. In decoding the sums run on over all queries, where kvpress sees the current row
 * only ({@code observed_attention_press.py}).
 */
public final class ObservedAttentionPress extends ScorerPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("observed_attention")
          .with(
              Parameter.flag(
                  "normalize", true, "mean over the queries that see the token, not the sum"))
          .summary("Keeps the tokens with the highest mean attention received so far.")
          .source("kvpress observed_attention_press.py; related to H2O, arXiv 2306.14048")
          .dmsThreshold(0.0005)
          .madeBy(arguments -> new ObservedAttentionPress(arguments.flag("normalize")));

  private final boolean normalize;

  /**
   * Takes the choice of mean or sum.
   *
   * @param normalize divide by the number of queries that could see the token
   */
  public ObservedAttentionPress(boolean normalize) {
    this.normalize = normalize;
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    return Scores.of(
        layer,
        (scores, b, g) -> scores.setHead(b, g, AttentionReceived.of(layer, b, g, normalize)));
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.AttentionSums());
  }

  @Override
  public ScoreTiming scoreTiming() {
    return ScoreTiming.OBSERVED;
  }
}
