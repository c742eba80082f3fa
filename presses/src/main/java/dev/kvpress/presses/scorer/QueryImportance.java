package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;

/**
 * The attention that some queries pay the first keys of one head: of the query heads of the group
 * the largest logit {@code q · k / √D} counts, a softmax over these keys follows, and the mean over
 * the queries. For one thread.
 */
final class QueryImportance {
  private final LayerSignals layer;
  private final int row;
  private final int kvHead;
  private final int size;

  QueryImportance(LayerSignals layer, int row, int kvHead) {
    this.layer = layer;
    this.row = row;
    this.kvHead = kvHead;
    size = layer.keys().size();
  }

  /**
   * The mean attention of each key.
   *
   * @param queries {@code [W][H*D]}, after rotation
   * @param count keys that are looked at
   * @return {@code [count]}
   */
  double[] of(float[][] queries, int count) {
    float[][] logits = largestLogits(queries, count);
    double[] mean = new double[count];
    double[] weights = new double[count];
    for (float[] own : logits) {
      for (int j = 0; j < count; j++) {
        weights[j] = own[j];
      }
      Softmax.of(weights);
      for (int j = 0; j < count; j++) {
        mean[j] += weights[j] / logits.length;
      }
    }
    return mean;
  }

  private float[][] largestLogits(float[][] queries, int count) {
    int group = layer.groupSize();
    float[][] rows = ofGroup(queries);
    float[][] largest = new float[queries.length][count];
    int perBlock = Math.min(count, Vectors.tokensPerBlock(size));
    float[] block = new float[perBlock * size];
    float[][] columns = new float[size][perBlock];
    float[][] logits = new float[rows.length][perBlock];
    for (int from = 0; from < count; from += perBlock) {
      int tokens = Math.min(perBlock, count - from);
      layer.keys().read(row, kvHead, from, from + tokens, block);
      Matrices.transpose(block, tokens, size, columns);
      Matrices.clear(logits, rows.length, tokens);
      Kernels.addProduct(rows, 0, columns, logits, rows.length, tokens);
      for (int i = 0; i < queries.length; i++) {
        Arrays.fill(largest[i], from, from + tokens, Float.NEGATIVE_INFINITY);
        for (int h = 0; h < group; h++) {
          for (int j = 0; j < tokens; j++) {
            largest[i][from + j] = Math.max(largest[i][from + j], logits[i * group + h][j]);
          }
        }
      }
    }
    return largest;
  }

  /** The queries of the group, scaled, {@code [W*g][D]}. */
  private float[][] ofGroup(float[][] queries) {
    int group = layer.groupSize();
    float scale = (float) (1 / Math.sqrt(size));
    float[][] rows = new float[queries.length * group][size];
    for (int i = 0; i < rows.length; i++) {
      int from = (kvHead * group + i % group) * size;
      for (int c = 0; c < size; c++) {
        rows[i][c] = queries[i / group][from + c] * scale;
      }
    }
    return rows;
  }
}
