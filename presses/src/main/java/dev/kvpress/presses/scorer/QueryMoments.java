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

  /**
   * {@code k.mean / sqrt(D) + k.covariance.k / (2 D)} for each of some keys.
   *
   * @param keys {@code [count, D]}
   * @param into takes the results from {@code into[from]} on
   */
  void logits(float[] keys, int count, double[] into, int from) {
    double[] triangle = triangle();
    double[] key = new double[size];
    double root = Math.sqrt(size);
    for (int j = 0; j < count; j++) {
      for (int c = 0; c < size; c++) {
        key[c] = keys[j * size + c];
      }
      double quadratic = 0;
      int at = 0;
      for (int i = 0; i < size && triangle.length > 0; i++) {
        quadratic += key[i] * dot(triangle, at, key, i, size - i);
        at += size - i;
      }
      into[from + j] = dot(mean, 0, key, 0, size) / root + quadratic / (2.0 * size);
    }
  }

  /** The upper triangle, row by row, which with the lower one added gives the same form. */
  private double[] triangle() {
    double[] triangle = new double[covariance.length == 0 ? 0 : size * (size + 1) / 2];
    int at = 0;
    for (int i = 0; i < size && triangle.length > 0; i++) {
      triangle[at++] = covariance[i * size + i];
      for (int c = i + 1; c < size; c++) {
        triangle[at++] = covariance[i * size + c] + covariance[c * size + i];
      }
    }
    return triangle;
  }

  private static double dot(double[] a, int aFrom, double[] b, int bFrom, int length) {
    // Four sums, so that an addition need not wait for the one before.
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < length; i += 4) {
      s0 += a[aFrom + i] * b[bFrom + i];
      s1 += a[aFrom + i + 1] * b[bFrom + i + 1];
      s2 += a[aFrom + i + 2] * b[bFrom + i + 2];
      s3 += a[aFrom + i + 3] * b[bFrom + i + 3];
    }
    for (; i < length; i++) {
      s0 += a[aFrom + i] * b[bFrom + i];
    }
    return (s0 + s1) + (s2 + s3);
  }
}
