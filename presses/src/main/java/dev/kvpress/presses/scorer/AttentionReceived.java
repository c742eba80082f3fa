package dev.kvpress.presses.scorer;

import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ObservedAttention;

/** The attention that cached tokens have received, in the forms in which presses score by it. */
final class AttentionReceived {
  private AttentionReceived() {}

  /**
   * Column sums of one KV head, mean over the query heads of its group.
   *
   * @param normalize divide by the number of queries that could see the token (kvpress); otherwise
   *     the raw sum (H2O paper, algorithm 1)
   * @return {@code [S]}
   */
  static double[] of(LayerSignals layer, int row, int kvHead, boolean normalize) {
    int length = layer.length(row, kvHead);
    int group = layer.groupSize();
    ObservedAttention attention = layer.attention();
    double[] received = new double[length];
    for (int h = kvHead * group; h < (kvHead + 1) * group; h++) {
      attention.addSums(row, h, received, length);
    }
    for (int j = 0; j < length; j++) {
      received[j] /= normalize ? (double) group * layer.queriesSeeing(row, kvHead, j) : group;
    }
    return received;
  }
}
