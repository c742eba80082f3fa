package dev.kvpress.presses.signal;

import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Matrices;
import java.util.Arrays;

/**
 * Moments of one head's queries, taken up one block of queries after another: the moments of a
 * block about its own mean are joined with those before it (Chan, Golub, LeVeque: Updating formulae
 * and a pairwise algorithm for computing sample variances).
 */
public final class RunningMoments {
  private final int size;
  private final double[] mean;
  // Sum of outer products of deviations from the mean, [D][D]; empty if none is wanted.
  private final double[][] scatter;
  private long count;

  /**
   * Moments of nothing.
   *
   * @param size D
   */
  public RunningMoments(int size, boolean withCovariance) {
    this(size, new double[size], new double[withCovariance ? size : 0][size], 0);
  }

  private RunningMoments(int size, double[] mean, double[][] scatter, long count) {
    this.size = size;
    this.mean = mean;
    this.scatter = scatter;
    this.count = count;
  }

  /** Moments out of a file; {@code scatter} is {@code [D*D]} or empty. */
  static RunningMoments restored(int size, double[] mean, double[] scatter, long count) {
    double[][] rows = new double[scatter.length == 0 ? 0 : size][];
    Arrays.setAll(rows, i -> Arrays.copyOfRange(scatter, i * size, (i + 1) * size));
    return new RunningMoments(size, mean, rows, Math.max(0, count));
  }

  /** Sum of outer products of deviations, {@code [D*D]}; empty if none is kept. */
  double[] scatter() {
    return SavedState.joined(scatter);
  }

  /** Queries taken up so far. */
  long count() {
    return count;
  }

  RunningMoments copy() {
    double[][] copied = scatter.clone();
    Arrays.setAll(copied, i -> scatter[i].clone());
    return new RunningMoments(size, mean.clone(), copied, count);
  }

  /**
   * Takes up queries.
   *
   * @param queries {@code [added][D]}, at least one; written over
   */
  public void add(double[][] queries) {
    int added = queries.length;
    double[] deviation = new double[size];
    for (double[] query : queries) {
      for (int c = 0; c < size; c++) {
        deviation[c] += query[c] / added;
      }
    }
    for (int i = 0; i < added && scatter.length > 0; i++) {
      for (int c = 0; c < size; c++) {
        queries[i][c] -= deviation[c];
      }
    }
    count += added;
    double share = (double) added / count;
    for (int c = 0; c < size; c++) {
      deviation[c] -= mean[c];
      mean[c] += deviation[c] * share;
    }
    if (scatter.length > 0) {
      double[][] columns = new double[size][added];
      Matrices.transpose(queries, added, size, columns);
      Kernels.addProduct(columns, 0, queries, scatter, size, size);
      join(deviation, (count - added) * share);
    }
  }

  /** Adds what the distance of two means contributes. */
  private void join(double[] deviation, double weight) {
    for (int i = 0; i < size; i++) {
      for (int c = 0; c < size; c++) {
        scatter[i][c] += weight * deviation[i] * deviation[c];
      }
    }
  }

  /** The mean, {@code [D]}; zeros before the first query. */
  public double[] mean() {
    return mean.clone();
  }

  /** The covariance over N queries (not N-1, as kvpress), {@code [D, D]}; empty if none is kept. */
  public double[] covariance() {
    double[] covariance = new double[scatter.length * size];
    for (int i = 0; i < scatter.length; i++) {
      for (int c = i; c < size; c++) {
        covariance[i * size + c] = scatter[i][c] / Math.max(1, count);
        covariance[c * size + i] = covariance[i * size + c];
      }
    }
    return covariance;
  }
}
