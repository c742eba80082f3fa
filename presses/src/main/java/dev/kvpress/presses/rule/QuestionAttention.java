package dev.kvpress.presses.rule;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ObservedAttention;
import dev.kvpress.presses.signal.Signal;
import java.util.Set;

/**
 * The attention that the last W queries pay the tokens before them, each query weighed by the
 * number of tokens before it; mean over queries and group. The window itself stays.
 */
final class QuestionAttention extends ScorerPress {
  private final int window;
  private final boolean normalize;

  QuestionAttention(int window, boolean normalize) {
    this.window = FinchPress.WINDOW.checked(window);
    this.normalize = normalize;
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    int group = layer.groupSize();
    ObservedAttention attention = layer.attention();
    float[] weights = new float[layer.maxLength()];
    return Scores.of(
        layer,
        (scores, b, g) -> {
          int rows = attention.rows(b);
          int voters = Math.min(window, rows);
          int length = layer.length(b, g);
          double[] votes = new double[Math.max(0, length - window)];
          for (int i = 0; i < voters; i++) {
            // The first of W queries has n - W tokens before it.
            double share = (normalize ? length - voters + i : 1) / ((double) voters * group);
            for (int h = g * group; h < (g + 1) * group; h++) {
              attention.readRow(b, h, rows - voters + i, weights, votes.length);
              for (int j = 0; j < votes.length; j++) {
                votes[j] += share * weights[j];
              }
            }
          }
          scores.setFrom(b, g, 0, votes);
          scores.protect(b, g, votes.length, length);
        });
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.AttentionRows(window));
  }

  @Override
  public Set<Phase> phases() {
    return Set.of(Phase.PREFILL);
  }

  @Override
  public int protectedTail() {
    return window;
  }
}
