package dev.kvpress.presses.reading;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import java.util.Arrays;

/**
 * The most attention that each token of a part of the context receives while the model repeats it.
 * The softmax of a query is taken over the sinks, the part, and what was read up to the query
 * (kvpress {@code kvzip_press.py}, score_kvzip): the rest of the context takes nothing. Logits are
 * {@code q.k / sqrt(D)}, as there, whatever scale, cap or bias a model adds to its own.
 */
final class RepeatedAttention {
  // Queries multiplied at once.
  private static final int ROWS = 32;

  private final int context;
  private final int sinks;
  private final int from;
  private final int count;
  private final boolean byHiddenState;
  // [L][H][count]
  private final float[][][] most;

  /**
   * Nothing has been read yet.
   *
   * @param signals of each layer, in order
   * @param sinks first tokens of the context that take attention too; before the part
   * @param part what is repeated
   * @param byHiddenState whether attention is divided by the length of the query's hidden state
   */
  RepeatedAttention(ModelSignals signals, int sinks, Repetition part, boolean byHiddenState) {
    this.context = signals.layers().get(0).length(0, 0);
    this.sinks = sinks;
    this.from = part.from();
    this.count = part.to() - part.from();
    this.byHiddenState = byHiddenState;
    most = new float[signals.layers().size()][][];
    Arrays.setAll(most, l -> new float[signals.layers().get(l).queryHeads()][count]);
  }

  /** {@code [count]} of one query head, once all has been read. */
  float[] most(int layer, int queryHead) {
    return most[layer][queryHead];
  }

  /** Takes up what was read last; see {@link dev.kvpress.presses.signal.Reader.Listener}. */
  void add(ModelSignals read, int first, int end) {
    int heads = read.layers().get(0).kvHeads();
    read.workers()
        .forEach(
            read.layers().size() * heads,
            i -> new OfHead(read.layers().get(i / heads), i / heads, i % heads).add(first, end));
  }

  /** The queries of one KV head on its keys. */
  private final class OfHead {
    private final LayerSignals layer;
    private final float[][] into;
    private final int kvHead;
    private final int size;

    OfHead(LayerSignals layer, int index, int kvHead) {
      this.layer = layer;
      this.into = most[index];
      this.kvHead = kvHead;
      this.size = layer.keys().size();
    }

    void add(int first, int end) {
      int columns = sinks + count + end;
      float[][] keys = keys(end, columns);
      float[][] queries = new float[ROWS][size];
      float[][] weights = new float[ROWS][columns];
      float[] factors = factors(end - first);
      for (int h = kvHead * layer.groupSize(); h < (kvHead + 1) * layer.groupSize(); h++) {
        for (int i = 0; i < end - first; i += ROWS) {
          int rows = Math.min(ROWS, end - first - i);
          read(h, i, rows, queries);
          int visible = sinks + count + first + i + rows;
          Matrices.clear(weights, rows, visible);
          Kernels.addProduct(queries, 0, keys, weights, rows, visible);
          for (int r = 0; r < rows; r++) {
            take(weights[r], visible - rows + r + 1, factors[i + r], into[h]);
          }
        }
      }
    }

    /** Columns of the sinks, the part, and what was read, {@code [D][columns]}. */
    private float[][] keys(int end, int columns) {
      float[] rows = new float[columns * size];
      float[] block = new float[Math.max(count, Math.max(sinks, end)) * size];
      layer.keys().read(0, kvHead, 0, sinks, block);
      System.arraycopy(block, 0, rows, 0, sinks * size);
      layer.keys().read(0, kvHead, from, from + count, block);
      System.arraycopy(block, 0, rows, sinks * size, count * size);
      layer.keys().read(0, kvHead, context, context + end, block);
      System.arraycopy(block, 0, rows, (sinks + count) * size, end * size);
      float[][] keys = new float[size][columns];
      Matrices.transpose(rows, columns, size, keys);
      return keys;
    }

    private void read(int head, int query, int rows, float[][] queries) {
      FloatTensor given = layer.queries();
      float scale = (float) (1 / Math.sqrt(size));
      for (int r = 0; r < rows; r++) {
        given.read((head * given.size(2) + query + r) * size, queries[r], size);
        for (int c = 0; c < size; c++) {
          queries[r][c] *= scale;
        }
      }
    }

    /** What attention of each query is multiplied by. */
    private float[] factors(int queries) {
      float[] factors = new float[queries];
      Arrays.fill(factors, 1);
      if (byHiddenState) {
        FloatTensor states = layer.hiddenStates();
        float[] state = new float[states.size(2)];
        for (int i = 0; i < queries; i++) {
          states.read(i * state.length, state, state.length);
          factors[i] = (float) (1 / Math.sqrt(Vectors.squaredNorm(state, 0, state.length)));
        }
      }
      return factors;
    }

    private void take(float[] logits, int visible, float factor, float[] largest) {
      float max = Kernels.max(logits, visible);
      Kernels.exponentials(logits, visible, max);
      float share = factor / Vectors.sum(logits, visible);
      for (int j = 0; j < count; j++) {
        largest[j] = Math.max(largest[j], logits[sinks + j] * share);
      }
    }
  }
}
