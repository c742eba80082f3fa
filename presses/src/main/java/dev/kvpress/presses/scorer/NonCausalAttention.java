package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Columns;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;

/** Attention of the tokens of a chunk to each other in both directions. */
final class NonCausalAttention {
  private NonCausalAttention() {}

  /**
   * Attention received within chunks, without scaling, times the length of the value, smoothed over
   * three tokens and standardised.
   *
   * <p>A short last chunk is filled up with empty tokens which take and give attention, as those of
   * kvpress do: its mask of {@code -1e-9} hides nothing.
   *
   * @param from first slot that is scored
   * @param tail last slots that are not scored
   * @return {@code [G][S - from - tail]}
   */
  static double[][] of(LayerSignals layer, int row, int chunk, int from, int tail) {
    double[][] heads = new double[layer.kvHeads()][];
    int group = layer.groupSize();
    for (int g = 0; g < heads.length; g++) {
      int end = layer.length(row, g) - tail;
      double[] received = new double[Math.max(0, end - from)];
      for (int start = from; start < end; start += chunk) {
        int stop = (int) Math.min(end, (long) start + chunk);
        for (int h = g * group; h < (g + 1) * group; h++) {
          addChunk(layer, row, h, start, stop, chunk, received, from);
        }
      }
      float[] value = new float[layer.values().size()];
      for (int j = 0; j < received.length; j++) {
        layer.values().read(row, g, from + j, value);
        received[j] *= Math.sqrt(Vectors.squaredNorm(value, 0, value.length)) / group;
      }
      heads[g] = smooth(received);
    }
    return Standardised.over(heads);
  }

  private static void addChunk(
      LayerSignals layer,
      int row,
      int head,
      int start,
      int stop,
      int chunk,
      double[] received,
      int from) {
    FloatTensor queries = layer.queries();
    int size = layer.keys().size();
    int count = stop - start;
    int g = head / layer.groupSize();
    float[] keys = new float[count * size];
    layer.keys().read(row, g, start, stop, keys);
    // A whole context has no empty tokens unless the last chunk is cut short.
    int empty = chunk == Integer.MAX_VALUE ? 0 : chunk - count;
    float[] query = new float[size];
    Columns columns = new Columns(keys, 0, count, size);
    float[] logits = new float[count];
    double[] weights = new double[count];
    for (int i = start; i < stop; i++) {
      int token = layer.position(row, g, i);
      int at = (row * layer.queryHeads() + head) * queries.size(2) + token;
      queries.read(at * size, query, size);
      double max = empty > 0 ? 0 : Double.NEGATIVE_INFINITY;
      columns.dots(query, 0, logits);
      for (int j = 0; j < count; j++) {
        max = Math.max(max, logits[j]);
      }
      double sum = empty == 0 ? 0 : empty * Math.exp(-max);
      for (int j = 0; j < count; j++) {
        weights[j] = Math.exp(logits[j] - max);
        sum += weights[j];
      }
      for (int j = 0; j < count; j++) {
        received[start - from + j] += weights[j] / sum;
      }
    }
    for (int j = 0; j < count; j++) {
      received[start - from + j] += (double) empty / chunk;
    }
  }

  private static double[] smooth(double[] values) {
    double[] smooth = new double[values.length];
    Arrays.setAll(
        smooth,
        j ->
            ((j > 0 ? values[j - 1] : 0) + values[j] + (j + 1 < values.length ? values[j + 1] : 0))
                / 3);
    return smooth;
  }
}
