package dev.kvpress.compare.replay;

import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;

/**
 * Causal attention of queries over the cached keys, {@code softmax(q.K / sqrt(D))}, for cases which
 * give queries in the place of attention. One row at a time: the S x S matrix never exists.
 */
final class ComputedAttention implements StepAttention.Rows {
  private final NestedFloats queries;
  private final HeadVectors keys;
  private final int queryHeads;
  private final int group;
  private final int count;
  private final float[] key;

  /**
   * Takes the tensors, whose shapes were checked.
   *
   * @param queries {@code [B][H][Q][D]}, after rotation
   * @param keys of all cached tokens, those of the step included, after rotation
   */
  ComputedAttention(NestedFloats queries, HeadVectors keys, LayerLedger ledger, int count) {
    this.queries = queries;
    this.keys = keys;
    this.queryHeads = ledger.queryHeads();
    this.group = ledger.queryHeads() / ledger.kvHeads();
    this.count = count;
    this.key = new float[keys.size()];
  }

  @Override
  public void read(int row, int queryHead, int query, int length, float[] into) {
    int start = queries.rowStart((row * queryHeads + queryHead) * count + query);
    int visible = length - count + query + 1;
    double scale = 1 / Math.sqrt(key.length);
    double[] weights = new double[visible];
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < visible; j++) {
      keys.read(row, queryHead / group, j, key);
      double dot = 0;
      for (int c = 0; c < key.length; c++) {
        dot += (double) queries.data()[start + c] * key[c];
      }
      weights[j] = dot * scale;
      max = Math.max(max, weights[j]);
    }
    double sum = 0;
    for (int j = 0; j < visible; j++) {
      weights[j] = Math.exp(weights[j] - max);
      sum += weights[j];
    }
    for (int j = 0; j < length; j++) {
      into[j] = j < visible ? (float) (weights[j] / sum) : 0;
    }
  }
}
