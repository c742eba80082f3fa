package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ObservedAttention;

/**
 * How far the loss of one token alone would move the attention output of a query, for {@link
 * DropKvPress}: {@code (p / (1 - p + epsilon))^2 ‖v - o‖^2}.
 */
final class OutputShift {
  private final LayerSignals layer;
  private final int row;
  private final double epsilon;
  private final int size;
  private final float[] values;

  /** Reads the values of one KV head. */
  OutputShift(LayerSignals layer, int row, int kvHead, double epsilon) {
    this.layer = layer;
    this.row = row;
    this.epsilon = epsilon;
    size = layer.values().size();
    values = new float[layer.length(row, kvHead) * size];
    layer.values().read(row, kvHead, 0, layer.length(row, kvHead), values);
  }

  /** Adds what the loss of each token does to the output of the last queries of one head. */
  void add(int head, int window, double[] moved) {
    ObservedAttention attention = layer.attention();
    int rows = attention.rows(row);
    float[] weights = new float[moved.length];
    float[] output = new float[size];
    float[] difference = new float[size];
    for (int r = rows - Math.min(window, rows); r < rows; r++) {
      attention.readRow(row, head, r, weights, weights.length);
      normalise(weights);
      weighted(values, weights, output);
      for (int j = 0; j < moved.length; j++) {
        double ratio = weights[j] / (1.0 - weights[j] + epsilon);
        if (ratio != 0) {
          for (int c = 0; c < size; c++) {
            difference[c] = values[j * size + c] - output[c];
          }
          moved[j] += ratio * ratio * Vectors.squaredNorm(difference, 0, size);
        }
      }
    }
  }

  private static void normalise(float[] weights) {
    double sum = 0;
    for (float weight : weights) {
      sum += weight;
    }
    // A row of which nothing is left says nothing.
    float scale = sum == 0 ? 0 : (float) (1 / sum);
    for (int j = 0; j < weights.length; j++) {
      weights[j] *= scale;
    }
  }

  private static void weighted(float[] values, float[] weights, float[] output) {
    double[] sums = new double[output.length];
    for (int j = 0; j < weights.length; j++) {
      for (int c = 0; c < sums.length; c++) {
        sums[c] += weights[j] * values[j * sums.length + c];
      }
    }
    for (int c = 0; c < sums.length; c++) {
      output[c] = (float) sums[c];
    }
  }
}
