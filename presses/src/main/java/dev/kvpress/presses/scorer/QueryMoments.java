package dev.kvpress.presses.scorer;

import dev.kvpress.presses.signal.RotaryParameters;

/** Mean and covariance of the queries of one head. */
final class QueryMoments {
  // Below this, sines are too small to divide by; all positions then see about the same angle.
  private static final double FLAT = 1e-9;

  private final int size;
  private final double[] mean;
  // Row-major; empty if none is wanted.
  private final double[] covariance;

  /**
   * Takes the moments over.
   *
   * @param mean {@code [D]}
   * @param covariance {@code [D, D]}, or empty
   */
  QueryMoments(double[] mean, double[] covariance) {
    this.size = mean.length;
    this.mean = mean;
    this.covariance = covariance;
  }

  /** The mean, {@code [D]}; not to be written to. */
  double[] mean() {
    return mean;
  }

  /** The covariance {@code [D, D]}, or empty; not to be written to. */
  double[] covariance() {
    return covariance;
  }

  /**
   * The moments under the rotation averaged over the positions {@code first..first+count}: turns
   * queries before rotation to where future queries will be.
   */
  QueryMoments rotated(RotaryParameters rotary, int first, int count) {
    int pairs = rotary.pairs();
    double[] cos = new double[pairs];
    double[] sin = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      // The sum of cosines (sines) of evenly spaced angles is one at the middle angle.
      double angle = rotary.inverseFrequency(i);
      double middle = (first + (count - 1) / 2.0) * angle;
      double step = Math.sin(angle / 2);
      double shrunk = Math.abs(step) < FLAT ? 1 : Math.sin(count * angle / 2) / step / count;
      cos[i] = rotary.attentionScaling() * shrunk * Math.cos(middle);
      sin[i] = rotary.attentionScaling() * shrunk * Math.sin(middle);
    }
    double[] turnedMean = mean.clone();
    double[] turnedCovariance = covariance.clone();
    turn(turnedMean, 0, 1, rotary, cos, sin);
    for (int i = 0; i < size && covariance.length > 0; i++) {
      turn(turnedCovariance, i * size, 1, rotary, cos, sin);
    }
    for (int i = 0; i < size && covariance.length > 0; i++) {
      turn(turnedCovariance, i, size, rotary, cos, sin);
    }
    return new QueryMoments(turnedMean, turnedCovariance);
  }

  private static void turn(
      double[] data, int from, int stride, RotaryParameters rotary, double[] cos, double[] sin) {
    for (int i = 0; i < cos.length; i++) {
      int a = from + rotary.first(i) * stride;
      int b = from + rotary.second(i) * stride;
      double x = data[a];
      double y = data[b];
      data[a] = x * cos[i] - y * sin[i];
      data[b] = y * cos[i] + x * sin[i];
    }
  }

  /** {@code k.mean / sqrt(D) + k.covariance.k / (2 D)} as a form of keys. */
  QueryLogits logits() {
    double root = Math.sqrt(size);
    double[] vector = new double[size];
    for (int c = 0; c < size; c++) {
      vector[c] = mean[c] / root;
    }
    double[][] matrix = new double[covariance.length / size][size];
    for (int i = 0; i < matrix.length; i++) {
      for (int c = 0; c < size; c++) {
        matrix[i][c] = covariance[i * size + c] / (2.0 * size);
      }
    }
    return new QueryLogits(matrix, vector);
  }
}
