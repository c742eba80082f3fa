package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.LayerSignals;

/** The attention that queries to come are expected to pay cached tokens. */
final class ExpectedWeights {
  private ExpectedWeights() {}

  /**
   * {@code softmax_j(k.mu'/sqrt(D) + k'Sigma'k/(2D))} over the tokens of one KV head after the
   * sinks.
   */
  static double[] of(LayerSignals layer, int row, int kvHead, QueryMoments queries, int sinks) {
    int length = layer.length(row, kvHead);
    int size = layer.keys().size();
    int perBlock = Vectors.tokensPerBlock(size);
    float[] block = new float[perBlock * size];
    double[] logits = new double[length - sinks];
    for (int start = sinks; start < length; start += perBlock) {
      int end = Math.min(length, start + perBlock);
      layer.keys().read(row, kvHead, start, end, block);
      queries.logits(block, end - start, logits, start - sinks);
    }
    return Softmax.of(logits);
  }
}
