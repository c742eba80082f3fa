package dev.kvpress.presses.scorer;

import dev.kvpress.presses.signal.LayerSignals;

/** How a number that each token has in each KV head is shared out among the heads. */
final class NormShares {
  private NormShares() {}

  /**
   * Divides the number of a token by the sum over the heads. Where some heads have lost the token,
   * the others' mean stands for theirs.
   *
   * @param norms {@code [B*G][S]}, replaced by the shares
   */
  static void share(LayerSignals layer, float[][] norms) {
    for (int b = 0; b < layer.batch(); b++) {
      float[] sums = new float[layer.tokensSeen(b)];
      int[] holders = new int[sums.length];
      for (int g = 0; g < layer.kvHeads(); g++) {
        float[] own = norms[b * layer.kvHeads() + g];
        for (int j = 0; j < own.length; j++) {
          sums[layer.position(b, g, j)] += own[j];
          holders[layer.position(b, g, j)]++;
        }
      }
      for (int g = 0; g < layer.kvHeads(); g++) {
        float[] own = norms[b * layer.kvHeads() + g];
        for (int j = 0; j < own.length; j++) {
          int position = layer.position(b, g, j);
          float all = sums[position] * layer.kvHeads() / holders[position];
          own[j] = all == 0 ? 0 : own[j] / all;
        }
      }
    }
  }
}
