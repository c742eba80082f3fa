package dev.kvpress.presses.rule;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** How much the channels of a head's keys matter to the last queries, for {@link ThinkPress}. */
final class ChannelImportance {
  private ChannelImportance() {}

  /** {@code [B*G][count]}, the channels of each head that matter least, ascending. */
  static int[][] least(LayerSignals layer, int window, int count) {
    int[][] least = new int[layer.batch() * layer.kvHeads()][];
    layer
        .workers()
        .forEach(
            least.length,
            head -> {
              int row = head / layer.kvHeads();
              least[head] = least(layer, row, head % layer.kvHeads(), window, count);
            });
    return least;
  }

  private static int[] least(LayerSignals layer, int row, int kvHead, int window, int count) {
    double[] importance = of(layer, row, kvHead, window);
    return IntStream.range(0, importance.length)
        .boxed()
        .sorted(Comparator.comparingDouble(c -> importance[c]))
        .limit(count)
        .mapToInt(c -> c)
        .sorted()
        .toArray();
  }

  /**
   * Mean square of the channel in the last queries times that in the keys.
   *
   * @return {@code [D]}
   */
  private static double[] of(LayerSignals layer, int row, int kvHead, int window) {
    int size = layer.keys().size();
    FloatTensor queries = layer.queries();
    int given = queries.size(2);
    int voters = Math.min(window, given);
    double[] ofQueries = new double[size];
    float[] vector = new float[size];
    for (int h = kvHead * layer.groupSize(); h < (kvHead + 1) * layer.groupSize(); h++) {
      for (int q = given - voters; q < given; q++) {
        queries.read(((row * layer.queryHeads() + h) * given + q) * size, vector, size);
        addSquares(vector, ofQueries);
      }
    }
    double[] ofKeys = new double[size];
    int length = layer.length(row, kvHead);
    for (int j = 0; j < length; j++) {
      layer.keys().read(row, kvHead, j, vector);
      addSquares(vector, ofKeys);
    }
    double[] importance = new double[size];
    Arrays.setAll(
        importance,
        c -> ofQueries[c] / (voters * layer.groupSize()) * (ofKeys[c] / Math.max(1, length)));
    for (int c = 0; c < size; c++) {
      if (Double.isNaN(importance[c])) {
        throw new IllegalArgumentException(
            "the importance of key channel %d (layer %d, row %d, KV head %d) is not a number; a key or query of some token holds NaN"
                .formatted(c, layer.layer(), row, kvHead));
      }
    }
    return importance;
  }

  private static void addSquares(float[] vector, double[] sums) {
    for (int c = 0; c < vector.length; c++) {
      sums[c] += vector[c] * vector[c];
    }
  }
}
