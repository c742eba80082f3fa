package dev.kvpress.recipe.auxiliary;

import dev.kvpress.presses.signal.FloatTensor;

/**
 * Where the queries of each head lie before rotation and how long they are in each channel pair,
 * over many texts: the statistics of TriAttention (arXiv 2604.04921). For rotary embeddings that
 * pair the first half of the channels with the second.
 */
final class QueryCentres {
  private final double[][][] sums;
  private final double[][][] lengths;
  private final long[] counts;

  QueryCentres(int layers, int heads) {
    sums = new double[layers][heads][0];
    lengths = new double[layers][heads][0];
    counts = new long[layers];
  }

  /**
   * Adds the queries of one text.
   *
   * @param queries {@code [1, H, Q, D]}
   */
  void add(int layer, FloatTensor queries) {
    int tokens = queries.size(2);
    int size = queries.size(3);
    float[] query = new float[size];
    for (int h = 0; h < queries.size(1); h++) {
      if (sums[layer][h].length == 0) {
        sums[layer][h] = new double[size];
        lengths[layer][h] = new double[size];
      }
      for (int t = 0; t < tokens; t++) {
        queries.read((h * tokens + t) * size, query, size);
        add(query, sums[layer][h], lengths[layer][h]);
      }
    }
    counts[layer] += tokens;
  }

  private static void add(float[] query, double[] sum, double[] length) {
    int half = query.length / 2;
    for (int c = 0; c < half; c++) {
      sum[c] += query[c];
      sum[c + half] += query[c + half];
      double own = Math.hypot(query[c], query[c + half]);
      length[c] += own;
      length[c + half] += own;
    }
  }

  /** Mean queries {@code [H, D]}. */
  float[] means(int layer) {
    return flat(sums[layer], counts[layer]);
  }

  /** Mean lengths {@code [H, D]}, the same in both channels of a pair. */
  float[] lengths(int layer) {
    return flat(lengths[layer], counts[layer]);
  }

  private static float[] flat(double[][] heads, long count) {
    float[] all = new float[heads.length * heads[0].length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) (heads[i / heads[0].length][i % heads[0].length] / count);
    }
    return all;
  }
}
