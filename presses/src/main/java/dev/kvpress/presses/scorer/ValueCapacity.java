package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;

/**
 * How much the value of each token adds to those of the others, for {@link CapPress}: {@code w_j
 * v_j' A^-1 v_j} with {@code A = I + sum_j (w_j + epsilon) v_j v_j'}, in double.
 */
final class ValueCapacity {
  // Below this a vector has no direction; kvpress divides by at least as much.
  private static final double SHORTEST = 1e-12;

  private final LayerSignals layer;
  private final int row;
  private final int kvHead;
  private final int first;
  private final int count;
  private final double tau;
  private final double epsilon;
  private final int size;
  private final double[] values;

  /** Reads the values of one head from slot {@code first} on. */
  ValueCapacity(LayerSignals layer, int row, int kvHead, int first, double tau, double epsilon) {
    this.layer = layer;
    this.row = row;
    this.kvHead = kvHead;
    this.first = first;
    this.count = layer.length(row, kvHead) - first;
    this.tau = tau;
    this.epsilon = epsilon;
    this.size = layer.values().size();
    this.values = widened(layer.values(), row, kvHead, first, count);
  }

  /**
   * Adds what each token adds in the eyes of one query.
   *
   * @param query mean query to come, {@code [D]}
   * @param divisor by which it is divided
   * @param into a number for each token from {@code first} on
   */
  void addLeverage(double[] query, int divisor, double[] into) {
    double[] weights = weights(query);
    double[][] capacity = new double[size][size];
    for (int j = 0; j < weights.length; j++) {
      int at = j * size;
      for (int i = 0; i < size; i++) {
        double scaled = (weights[j] + epsilon) * values[at + i];
        for (int k = 0; k <= i; k++) {
          capacity[i][k] += scaled * values[at + k];
        }
      }
    }
    for (int i = 0; i < size; i++) {
      capacity[i][i] += 1;
    }
    double[][] lower = Cholesky.factor(capacity);
    for (int j = 0; j < weights.length; j++) {
      into[j] += weights[j] * Cholesky.squaredSolution(lower, values, j * size) / divisor;
    }
  }

  /** {@code exp(tau (cos - max))} of each key against a query. */
  private double[] weights(double[] query) {
    HeadVectors keys = layer.keys();
    double[] weights = new double[count];
    double queryNorm = 0;
    for (double q : query) {
      queryNorm += q * q;
    }
    float[] key = new float[keys.size()];
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < count; j++) {
      keys.read(row, kvHead, first + j, key);
      double dot = 0;
      double norm = 0;
      for (int c = 0; c < key.length; c++) {
        dot += query[c] * key[c];
        norm += (double) key[c] * key[c];
      }
      double lengths =
          Math.max(SHORTEST, Math.sqrt(queryNorm)) * Math.max(SHORTEST, Math.sqrt(norm));
      weights[j] = Math.max(-1, Math.min(1, dot / lengths));
      max = Math.max(max, weights[j]);
    }
    for (int j = 0; j < count; j++) {
      weights[j] = Math.exp(tau * (weights[j] - max));
    }
    return weights;
  }

  private static double[] widened(HeadVectors vectors, int row, int kvHead, int first, int count) {
    int size = vectors.size();
    double[] wide = new double[count * size];
    int perBlock = Vectors.tokensPerBlock(size);
    float[] block = new float[perBlock * size];
    for (int from = 0; from < count; from += perBlock) {
      int to = Math.min(count, from + perBlock);
      vectors.read(row, kvHead, first + from, first + to, block);
      for (int i = 0; i < (to - from) * size; i++) {
        wide[from * size + i] = block[i];
      }
    }
    return wide;
  }
}
