package dev.kvpress.presses.rule;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ObservedQueries;
import dev.kvpress.presses.signal.RotaryParameters;
import dev.kvpress.presses.signal.Signal;
import java.util.Arrays;

/** How much the KV heads of a layer look far back: high for heads that retrieve. */
final class HeadScores {
  // kvpress duo_attention_on_the_fly: how many times the mean key is repeated.
  private static final int REPEATS = 500;

  /** Of all queries the mean. */
  static final Signal.QueryMoments QUERIES = new Signal.QueryMoments(0, false);

  private HeadScores() {}

  /**
   * The scores of a file, clipped to 0..1.
   *
   * @return {@code [G]}
   */
  static double[] given(LayerSignals layer, String name) {
    FloatTensor tensor = layer.auxiliary(name, layer.kvHeads());
    double[] scores = new double[layer.kvHeads()];
    Arrays.setAll(scores, g -> Math.max(0, Math.min(1, tensor.get(g))));
    return scores;
  }

  /**
   * The area under the cumulated attention which the mean query pays the mean key, repeated at
   * {@value #REPEATS} positions before it; mean over the query heads of the group.
   *
   * @return {@code [G]}
   */
  static double[] ofPrompt(LayerSignals layer, int row) {
    double[] scores = new double[layer.kvHeads()];
    int group = layer.groupSize();
    ObservedQueries queries = queries(layer);
    for (int g = 0; g < scores.length; g++) {
      double[] key = meanKey(layer, row, g);
      for (int h = g * group; h < (g + 1) * group; h++) {
        scores[g] += area(queries.moments(row, h).mean(), key, layer.rotary()) / group;
      }
    }
    return scores;
  }

  private static ObservedQueries queries(LayerSignals layer) {
    return layer
        .observedQueries(QUERIES)
        .orElseGet(
            () -> {
              int[] seen = new int[layer.batch()];
              Arrays.setAll(seen, layer::tokensSeen);
              return ObservedQueries.of(QUERIES, layer.queriesPreRope(), seen, layer.workers());
            });
  }

  private static double[] meanKey(LayerSignals layer, int row, int kvHead) {
    HeadVectors keys = layer.keys();
    int length = layer.length(row, kvHead);
    double[] mean = new double[keys.size()];
    float[] key = new float[keys.size()];
    double[] turned = new double[keys.size()];
    for (int j = 0; j < length; j++) {
      keys.read(row, kvHead, j, key);
      Arrays.setAll(turned, c -> key[c]);
      layer.rotary().unrotate(turned, layer.position(row, kvHead, j));
      for (int c = 0; c < turned.length; c++) {
        mean[c] += turned[c] / length;
      }
    }
    return mean;
  }

  private static double area(double[] query, double[] key, RotaryParameters rotary) {
    double[] weights = new double[REPEATS];
    double scale = 1 / Math.sqrt(query.length);
    double[] first = key.clone();
    rotary.rotate(first, 0);
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < REPEATS; j++) {
      double[] turned = query.clone();
      rotary.rotate(turned, REPEATS - 1 - j);
      for (int c = 0; c < key.length; c++) {
        weights[j] += turned[c] * first[c] * scale;
      }
      max = Math.max(max, weights[j]);
    }
    double sum = 0;
    double cumulated = 0;
    for (int j = 0; j < REPEATS; j++) {
      sum += Math.exp(weights[j] - max);
      cumulated += sum;
    }
    return cumulated / sum / REPEATS;
  }
}
