package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;
import java.util.List;

/**
 * How much the value of each token of one head adds to those of the others, for {@link CapPress}:
 * {@code w_j v_j' A^-1 v_j} with {@code A = I + sum_j (w_j + epsilon) v_j v_j'}, in double.
 */
final class ValueCapacity {
  // Below this a vector has no direction; kvpress divides by at least as much.
  private static final double SHORTEST = 1e-12;
  // Tokens worked on at once.
  private static final int BLOCK = 64;

  private final LayerSignals layer;
  private final int row;
  private final int kvHead;
  private final int first;
  private final int count;
  private final int size;
  private final float[] block;
  private final double[][] columns;

  /** Looks at one head from slot {@code first} on. */
  ValueCapacity(LayerSignals layer, int row, int kvHead, int first) {
    this.layer = layer;
    this.row = row;
    this.kvHead = kvHead;
    this.first = first;
    this.count = layer.length(row, kvHead) - first;
    this.size = layer.values().size();
    block = new float[BLOCK * size];
    columns = new double[size][BLOCK];
  }

  /**
   * What each token adds, mean over some queries.
   *
   * @param queries mean queries to come, {@code [g][D]}
   * @return a number for each token from {@code first} on
   */
  double[] leverage(double[][] queries, double tau, double epsilon) {
    double[][] weights = weights(queries, tau);
    List<Cholesky> capacities =
        Arrays.stream(capacities(weights, epsilon)).map(Cholesky::of).toList();
    double[] mean = new double[count];
    double[] leverage = new double[BLOCK];
    for (int from = 0; from < count; from += BLOCK) {
      int tokens = read(layer.values(), from);
      for (int h = 0; h < queries.length; h++) {
        Arrays.fill(leverage, 0);
        capacities.get(h).addSquaredSolutions(columns, tokens, leverage, 0);
        for (int j = 0; j < tokens; j++) {
          mean[from + j] += weights[h][from + j] * leverage[j] / queries.length;
        }
      }
    }
    return mean;
  }

  /** Puts a block of vectors into {@link #columns} and tells how many they are. */
  private int read(HeadVectors vectors, int from) {
    int tokens = Math.min(BLOCK, count - from);
    vectors.read(row, kvHead, first + from, first + from + tokens, block);
    Matrices.transpose(block, tokens, size, columns);
    return tokens;
  }

  /** A for each query, {@code [g][D][D]}. */
  private double[][][] capacities(double[][] weights, double epsilon) {
    double[][][] capacities = new double[weights.length][size][size];
    for (double[][] capacity : capacities) {
      for (int i = 0; i < size; i++) {
        capacity[i][i] = 1;
      }
    }
    double[][] scaled = new double[size][BLOCK];
    double[][] rows = new double[BLOCK][size];
    for (int from = 0; from < count; from += BLOCK) {
      int tokens = read(layer.values(), from);
      double[][] values = Matrices.first(rows, tokens);
      Matrices.transpose(columns, size, tokens, values);
      for (int h = 0; h < weights.length; h++) {
        for (int c = 0; c < size; c++) {
          for (int j = 0; j < tokens; j++) {
            scaled[c][j] = (weights[h][from + j] + epsilon) * columns[c][j];
          }
        }
        Kernels.addProduct(scaled, 0, values, capacities[h], size, size);
      }
    }
    return capacities;
  }

  /** {@code exp(tau (cos - max))} of each key against each query, {@code [g][count]}. */
  private double[][] weights(double[][] queries, double tau) {
    double[][] weights = new double[queries.length][count];
    double[] norms = layer.keys().norms(row, kvHead, first + count);
    double[][] dots = new double[queries.length][BLOCK];
    for (int from = 0; from < count; from += BLOCK) {
      int tokens = read(layer.keys(), from);
      Matrices.clear(dots, queries.length, tokens);
      Kernels.addProduct(queries, 0, columns, dots, queries.length, tokens);
      for (int h = 0; h < queries.length; h++) {
        double queryNorm = Math.max(SHORTEST, norm(queries[h]));
        for (int j = 0; j < tokens; j++) {
          double lengths = queryNorm * Math.max(SHORTEST, norms[first + from + j]);
          weights[h][from + j] = Math.max(-1, Math.min(1, dots[h][j] / lengths));
        }
      }
    }
    for (double[] ofHead : weights) {
      double max = Double.NEGATIVE_INFINITY;
      for (double weight : ofHead) {
        max = Math.max(max, weight);
      }
      for (int j = 0; j < count; j++) {
        ofHead[j] = Math.exp(tau * (ofHead[j] - max));
      }
    }
    return weights;
  }

  private static double norm(double[] query) {
    double squares = 0;
    for (double q : query) {
      squares += q * q;
    }
    return Math.sqrt(squares);
  }
}
