package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ObservedAttention;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Set;

/**
 * Scores a token by the attention of the last query, mean over all query heads of the layer; the
 * last token stays. All KV heads keep the same tokens as long as they hold the same ones; a head
 * which has lost a token contributes nothing to it.
 */
public final class TovaPress extends ScorerPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("tova")
          .summary("Keeps the tokens that the last query attends to.")
          .source("TOVA, arXiv 2401.06104; kvpress tova_press.py")
          .madeBy(arguments -> new TovaPress());

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    Scores scores = Scores.of(layer);
    for (int b = 0; b < layer.batch(); b++) {
      double[] byPosition = lastQuery(layer, b);
      for (int g = 0; g < layer.kvHeads(); g++) {
        int length = layer.length(b, g);
        for (int j = 0; j < length; j++) {
          double attention = byPosition[layer.position(b, g, j)] / layer.queryHeads();
          scores.set(b, g, j, (float) attention);
        }
        scores.protect(b, g, length - 1, length);
      }
    }
    return scores;
  }

  /** The last attention row summed over all heads, {@code [tokens seen]} by original position. */
  private static double[] lastQuery(LayerSignals layer, int row) {
    ObservedAttention attention = layer.attention();
    double[] byPosition = new double[layer.tokensSeen(row)];
    float[] weights = new float[layer.maxLength()];
    for (int h = 0; h < layer.queryHeads() && attention.rows(row) > 0; h++) {
      int g = h / layer.groupSize();
      int length = layer.length(row, g);
      attention.readRow(row, h, attention.rows(row) - 1, weights, length);
      for (int j = 0; j < length; j++) {
        byPosition[layer.position(row, g, j)] += weights[j];
      }
    }
    return byPosition;
  }

  @Override
  public Set<Signal> needs() {
    return Set.of(new Signal.AttentionRows(1));
  }

  @Override
  public int protectedTail() {
    return 1;
  }
}
