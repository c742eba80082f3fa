package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;

/** Attention of the tokens of a chunk of one head to each other in both directions. */
final class NonCausalAttention {
  // Queries multiplied at once.
  private static final int ROWS = 32;

  private final LayerSignals layer;
  private final int row;
  private final int kvHead;
  private final int chunk;
  private final int size;
  private final float[] keys;
  private final float[][] columns;
  private final float[][] queries;
  private final float[][] weights;

  private NonCausalAttention(LayerSignals layer, int row, int kvHead, int chunk) {
    this.layer = layer;
    this.row = row;
    this.kvHead = kvHead;
    this.chunk = chunk;
    size = layer.keys().size();
    int longest = Math.min(chunk, layer.length(row, kvHead));
    keys = new float[longest * size];
    columns = new float[size][longest];
    queries = new float[ROWS][size];
    weights = new float[ROWS][longest];
  }

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
    layer
        .workers()
        .forEach(
            heads.length,
            g -> {
              NonCausalAttention attention = new NonCausalAttention(layer, row, g, chunk);
              heads[g] = smooth(attention.received(from, layer.length(row, g) - tail));
            });
    return Standardised.over(heads);
  }

  private double[] received(int from, int end) {
    int group = layer.groupSize();
    double[] received = new double[Math.max(0, end - from)];
    for (int start = from; start < end; start += chunk) {
      int stop = (int) Math.min(end, (long) start + chunk);
      layer.keys().read(row, kvHead, start, stop, keys);
      Matrices.transpose(keys, stop - start, size, columns);
      double[] ofChunk = new double[stop - start];
      for (int h = kvHead * group; h < (kvHead + 1) * group; h++) {
        add(h, start, ofChunk);
      }
      System.arraycopy(ofChunk, 0, received, start - from, ofChunk.length);
      if (stop == end) {
        break;
      }
    }
    double[] lengths = layer.values().norms(row, kvHead, Math.max(0, end));
    for (int j = 0; j < received.length; j++) {
      received[j] *= lengths[from + j] / group;
    }
    return received;
  }

  /** Adds the attention that the queries of one head pay the tokens of a chunk. */
  private void add(int head, int start, double[] received) {
    FloatTensor given = layer.queries();
    int count = received.length;
    // A whole context has no empty tokens unless the last chunk is cut short.
    int empty = chunk == Integer.MAX_VALUE ? 0 : chunk - count;
    int first = (row * layer.queryHeads() + head) * given.size(2);
    for (int i = 0; i < count; i += ROWS) {
      int rows = Math.min(ROWS, count - i);
      for (int r = 0; r < rows; r++) {
        int token = layer.position(row, kvHead, start + i + r);
        given.read((first + token) * size, queries[r], size);
      }
      Matrices.clear(weights, rows, count);
      Kernels.addProduct(queries, 0, columns, weights, rows, count);
      for (int r = 0; r < rows; r++) {
        Softmax.of(weights[r], count, empty);
        for (int j = 0; j < count; j++) {
          received[j] += weights[r][j];
        }
      }
    }
    for (int j = 0; j < count; j++) {
      received[j] += (double) empty / chunk;
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
