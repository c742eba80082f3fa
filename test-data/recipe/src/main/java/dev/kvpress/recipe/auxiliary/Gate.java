package dev.kvpress.recipe.auxiliary;

import dev.kvpress.presses.kernel.Vectors;
import java.util.Arrays;
import java.util.Random;

/**
 * A gate of Fast KVzip for one layer: a small attention in which the key of a hidden state competes
 * with A trained keys for the attention of the queries of the same state. All parameters lie in one
 * array.
 */
final class Gate implements Examples.Predictor {
  private static final double EPSILON = 1e-6;

  private final int inputs;
  private final int heads;
  private final int group;
  private final int channels;
  private final int bases;
  private final float[] parameters;

  /**
   * A gate with random weights.
   *
   * @param inputs E
   * @param heads G
   * @param group query heads of a KV head
   * @param channels M
   * @param bases A
   * @param seed of the weights
   */
  Gate(int inputs, int heads, int group, int channels, int bases, long seed) {
    this.inputs = inputs;
    this.heads = heads;
    this.group = group;
    this.channels = channels;
    this.bases = bases;
    parameters = new float[biasAt() + heads * group];
    Random random = new Random(seed);
    for (int i = 0; i < queryBiasAt(); i++) {
      parameters[i] = (float) (random.nextGaussian() / Math.sqrt(inputs));
    }
    Arrays.fill(parameters, queryNormAt(), baseAt(), 1);
    for (int i = baseAt(); i < biasAt(); i++) {
      parameters[i] = (float) random.nextGaussian();
    }
  }

  int channels() {
    return channels;
  }

  int bases() {
    return bases;
  }

  int group() {
    return group;
  }

  float[] parameters() {
    return parameters;
  }

  int queryWeightAt() {
    return 0;
  }

  int keyWeightAt() {
    return heads * group * channels * inputs;
  }

  int queryBiasAt() {
    return keyWeightAt() + heads * channels * inputs;
  }

  int queryNormAt() {
    return queryBiasAt() + heads * group * channels;
  }

  int keyNormAt() {
    return queryNormAt() + channels;
  }

  int baseAt() {
    return keyNormAt() + channels;
  }

  int biasAt() {
    return baseAt() + heads * bases * channels;
  }

  /** Some of the parameters, from one place to another. */
  float[] part(int from, int to) {
    return Arrays.copyOfRange(parameters, from, to);
  }

  @Override
  public float[] apply(float[] state) {
    Seen seen = see(state);
    float[] scores = new float[heads];
    for (int g = 0; g < heads; g++) {
      scores[g] = (float) seen.score(g);
    }
    return scores;
  }

  /** What the gate makes of a hidden state, step by step. */
  Seen see(float[] state) {
    return new Seen(state);
  }

  /** One over the root of the mean square. */
  static double inverseLength(double[] raw, int from, int size) {
    double squares = 0;
    for (int c = from; c < from + size; c++) {
      squares += raw[c] * raw[c];
    }
    return 1 / Math.sqrt(squares / size + EPSILON);
  }

  /** What lies between a hidden state and its scores. */
  final class Seen {
    private final double[] rawQueries = new double[heads * group * channels];
    private final double[] rawKeys = new double[heads * channels];
    private final double[] queries;
    private final double[] keys;
    private final double[] open = new double[heads * group];
    private final double[] shares = new double[heads * group * bases];

    private Seen(float[] state) {
      for (int r = 0; r < rawQueries.length; r++) {
        rawQueries[r] =
            weighed(queryWeightAt() + r * inputs, state) + parameters[queryBiasAt() + r];
      }
      for (int r = 0; r < rawKeys.length; r++) {
        rawKeys[r] = weighed(keyWeightAt() + r * inputs, state);
      }
      queries = normalised(rawQueries, queryNormAt());
      keys = normalised(rawKeys, keyNormAt());
      for (int h = 0; h < open.length; h++) {
        compete(h);
      }
    }

    private double weighed(int at, float[] state) {
      return Vectors.dot(parameters, at, state, 0, inputs);
    }

    private double[] normalised(double[] raw, int weightAt) {
      double[] result = new double[raw.length];
      for (int from = 0; from < raw.length; from += channels) {
        double inverse = inverseLength(raw, from, channels);
        for (int c = 0; c < channels; c++) {
          result[from + c] = raw[from + c] * inverse * parameters[weightAt + c];
        }
      }
      return result;
    }

    private void compete(int h) {
      int g = h / group;
      double scale = 1 / Math.sqrt(channels);
      double own = parameters[biasAt() + h];
      for (int c = 0; c < channels; c++) {
        own += query(h, c) * key(g, c) * scale;
      }
      double largest = own;
      double[] others = new double[bases];
      for (int a = 0; a < bases; a++) {
        int at = baseAt() + (g * bases + a) * channels;
        for (int c = 0; c < channels; c++) {
          others[a] += query(h, c) * parameters[at + c] * scale;
        }
        largest = Math.max(largest, others[a]);
      }
      double sum = Math.exp(own - largest);
      for (double other : others) {
        sum += Math.exp(other - largest);
      }
      open[h] = Math.exp(own - largest) / sum;
      for (int a = 0; a < bases; a++) {
        shares[h * bases + a] = Math.exp(others[a] - largest) / sum;
      }
    }

    double[] rawQueries() {
      return rawQueries;
    }

    double[] rawKeys() {
      return rawKeys;
    }

    double query(int head, int channel) {
      return queries[head * channels + channel];
    }

    double key(int head, int channel) {
      return keys[head * channels + channel];
    }

    /** Share of the token's own key in the attention of a query. */
    double open(int head) {
      return open[head];
    }

    /** Share of a trained key. */
    double share(int head, int base) {
      return shares[head * bases + base];
    }

    double score(int head) {
      double sum = 0;
      for (int h = head * group; h < (head + 1) * group; h++) {
        sum += open[h];
      }
      return sum / group;
    }
  }
}
