package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;

/**
 * The gate of Fast KVzip for one layer, read out of its tensors once: a small attention in which
 * the key that a hidden state gives competes with trained keys for the attention of the queries
 * that the same state gives. With M channels, q and k brought to RMS 1 and weighed, {@code l = q ·
 * k / √M + b} and {@code l_a = q · base_a / √M}, the score is {@code 1 / (1 + Σ_a exp(l_a − l))},
 * mean over the g queries of a KV head.
 */
final class KeyGate implements StateNetwork {
  // Of Qwen3's RMS norm, which the original takes.
  private static final double EPSILON = 1e-6;

  private final int heads;
  private final int group;
  private final int channels;
  private final int bases;
  private final float[][] queryWeight;
  private final float[] queryBias;
  private final float[][] keyWeight;
  private final float[] queryNorm;
  private final float[] keyNorm;
  private final float[] base;
  private final float[] bias;

  /**
   * Reads the tensors.
   *
   * @param inputs E, size of a hidden state
   * @throws IllegalArgumentException if a tensor has another shape than the model asks for
   */
  KeyGate(LayerSignals layer, int inputs) {
    heads = layer.kvHeads();
    group = layer.groupSize();
    channels = layer.auxiliary(GateScores.KEY_NORM).size(0);
    bases = layer.auxiliary(GateScores.BASE).size(2);
    queryWeight = matrix(layer, GateScores.QUERY_WEIGHT, heads * group * channels, inputs);
    queryBias = numbers(layer, GateScores.QUERY_BIAS, heads * group * channels);
    keyWeight = matrix(layer, GateScores.KEY_WEIGHT, heads * channels, inputs);
    queryNorm = numbers(layer, GateScores.QUERY_NORM, channels);
    keyNorm = numbers(layer, GateScores.KEY_NORM, channels);
    base = numbers(layer, GateScores.BASE, heads, 1, bases, channels);
    bias = numbers(layer, GateScores.BIAS, heads, 1, group);
  }

  private static float[][] matrix(LayerSignals layer, String name, int outputs, int inputs) {
    FloatTensor tensor = layer.auxiliary(name, outputs, inputs);
    float[][] rows = new float[outputs][inputs];
    for (int o = 0; o < outputs; o++) {
      tensor.read(o * inputs, rows[o], inputs);
    }
    return rows;
  }

  private static float[] numbers(LayerSignals layer, String name, int... shape) {
    int count = 1;
    for (int size : shape) {
      count *= size;
    }
    float[] values = new float[count];
    layer.auxiliary(name, shape).read(0, values, count);
    return values;
  }

  @Override
  public float[][] scores(float[][] states, int count) {
    float[][] queries = new float[queryWeight.length][count];
    Kernels.addProduct(queryWeight, 0, states, queries, queries.length, count);
    float[][] keys = new float[keyWeight.length][count];
    Kernels.addProduct(keyWeight, 0, states, keys, keys.length, count);
    float[][] scores = new float[heads][count];
    double[] query = new double[channels];
    double[] key = new double[channels];
    for (int g = 0; g < heads; g++) {
      for (int j = 0; j < count; j++) {
        normalise(keys, g * channels, j, keyNorm, key);
        double sum = 0;
        for (int h = g * group; h < (g + 1) * group; h++) {
          for (int c = 0; c < channels; c++) {
            query[c] = queries[h * channels + c][j] + queryBias[h * channels + c];
          }
          normalise(query, queryNorm);
          sum += open(query, key, g, bias[h]);
        }
        scores[g][j] = (float) (sum / group);
      }
    }
    return scores;
  }

  private static void normalise(
      float[][] columns, int from, int column, float[] weight, double[] into) {
    for (int c = 0; c < into.length; c++) {
      into[c] = columns[from + c][column];
    }
    normalise(into, weight);
  }

  private static void normalise(double[] vector, float[] weight) {
    double squares = 0;
    for (double value : vector) {
      squares += value * value;
    }
    double scale = 1 / Math.sqrt(squares / vector.length + EPSILON);
    for (int c = 0; c < vector.length; c++) {
      vector[c] *= scale * weight[c];
    }
  }

  /** How far the gate opens for a key: its share of the attention of one query. */
  private double open(double[] query, double[] key, int head, double bias) {
    double scale = 1 / Math.sqrt(channels);
    double logit = bias;
    for (int c = 0; c < channels; c++) {
      logit += query[c] * key[c] * scale;
    }
    double others = 0;
    for (int a = 0; a < bases; a++) {
      double ofBase = 0;
      for (int c = 0; c < channels; c++) {
        ofBase += query[c] * base[(head * bases + a) * channels + c] * scale;
      }
      others += Math.exp(ofBase - logit);
    }
    return 1 / (1 + others);
  }
}
