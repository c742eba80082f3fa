package dev.kvpress.presses.scorer;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.RotaryParameters;

/** Mean and covariance of the queries of one head, turned to where future queries will be. */
final class QueryMoments {
  private final int size;
  final double[] mean;
  // Row-major; empty if none is wanted.
  final double[] covariance;

  /**
   * Moments of the queries before rotation, over N queries (not N-1, as kvpress).
   *
   * @param queries {@code [B, H, Q, D]}
   * @param from first query that counts
   */
  QueryMoments(FloatTensor queries, int row, int head, int from, boolean withCovariance) {
    size = queries.size(3);
    mean = new double[size];
    covariance = new double[withCovariance ? size * size : 0];
    int tokens = queries.size(2);
    int start = (row * queries.size(1) + head) * tokens * size;
    float[] query = new float[size];
    for (int t = from; t < tokens; t++) {
      queries.read(start + t * size, query, size);
      for (int c = 0; c < size; c++) {
        mean[c] += query[c];
      }
    }
    int count = tokens - from;
    for (int c = 0; c < size; c++) {
      mean[c] /= count;
    }
    double[] centred = new double[size];
    for (int t = from; t < tokens && withCovariance; t++) {
      queries.read(start + t * size, query, size);
      for (int c = 0; c < size; c++) {
        centred[c] = query[c] - mean[c];
      }
      for (int i = 0; i < size; i++) {
        double weight = centred[i] / count;
        for (int c = 0; c < size; c++) {
          covariance[i * size + c] += weight * centred[c];
        }
      }
    }
  }

  /** Applies the rotation averaged over the positions {@code first..first+count}. */
  void rotate(RotaryParameters rotary, int first, int count) {
    int half = size / 2;
    double[] cos = new double[half];
    double[] sin = new double[half];
    for (int i = 0; i < half; i++) {
      for (int p = first; p < first + count; p++) {
        cos[i] += Math.cos(p * rotary.inverseFrequency(i));
        sin[i] += Math.sin(p * rotary.inverseFrequency(i));
      }
      cos[i] *= rotary.attentionScaling() / count;
      sin[i] *= rotary.attentionScaling() / count;
    }
    turn(mean, 0, 1, cos, sin);
    for (int i = 0; i < size && covariance.length > 0; i++) {
      turn(covariance, i * size, 1, cos, sin);
    }
    for (int i = 0; i < size && covariance.length > 0; i++) {
      turn(covariance, i, size, cos, sin);
    }
  }

  private void turn(double[] data, int from, int stride, double[] cos, double[] sin) {
    int half = size / 2;
    for (int i = 0; i < half; i++) {
      int a = from + i * stride;
      int b = from + (i + half) * stride;
      double x = data[a];
      double y = data[b];
      data[a] = x * cos[i] - y * sin[i];
      data[b] = y * cos[i] + x * sin[i];
    }
  }

  /** {@code k.mean / sqrt(D) + k.covariance.k / (2 D)} for the key at {@code keys[at..at+D)}. */
  double logit(float[] keys, int at) {
    double linear = 0;
    double quadratic = 0;
    for (int i = 0; i < size; i++) {
      linear += keys[at + i] * mean[i];
    }
    for (int i = 0; i < size && covariance.length > 0; i++) {
      double sum = 0;
      for (int c = 0; c < size; c++) {
        sum += covariance[i * size + c] * keys[at + c];
      }
      quadratic += keys[at + i] * sum;
    }
    return linear / Math.sqrt(size) + quadratic / (2.0 * size);
  }
}
