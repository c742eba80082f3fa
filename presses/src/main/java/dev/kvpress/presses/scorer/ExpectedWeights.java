package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;
import java.util.List;

/** The attention that queries to come are expected to pay cached tokens. */
final class ExpectedWeights {
  // Tokens worked on at once.
  private static final int BLOCK = 64;

  private ExpectedWeights() {}

  /**
   * {@code softmax_j(k.mu'/sqrt(D) + k'Sigma'k/(2D))} over the tokens of one KV head after the
   * sinks, mean over the query heads of the group.
   *
   * @param queries moments of each query head of the group
   */
  static double[] of(
      LayerSignals layer, int row, int kvHead, List<QueryMoments> queries, int sinks) {
    int count = layer.length(row, kvHead) - sinks;
    int size = layer.keys().size();
    List<QueryLogits> forms = queries.stream().map(QueryMoments::logits).toList();
    double[][] logits = new double[forms.size()][count];
    float[] block = new float[BLOCK * size];
    double[][] columns = new double[size][BLOCK];
    for (int from = 0; from < count; from += BLOCK) {
      int tokens = Math.min(BLOCK, count - from);
      layer.keys().read(row, kvHead, sinks + from, sinks + from + tokens, block);
      Matrices.transpose(block, tokens, size, columns);
      for (int h = 0; h < logits.length; h++) {
        forms.get(h).of(columns, tokens, logits[h], from);
      }
    }
    Arrays.stream(logits).forEach(Softmax::of);
    double[] mean = new double[count];
    for (double[] ofHead : logits) {
      for (int j = 0; j < count; j++) {
        mean[j] += ofHead[j] / logits.length;
      }
    }
    return mean;
  }
}
