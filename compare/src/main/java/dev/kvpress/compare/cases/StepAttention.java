package dev.kvpress.compare.cases;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.Signal;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Set;

/** Attention of one step, {@code [B][H][Q][slots]}, in the forms in which a graph would emit it. */
final class StepAttention {
  private final Dimensions sizes;
  private final NestedFloats attentions;
  private final int queries;

  /** Takes attention whose shape was checked. */
  StepAttention(Dimensions sizes, NestedFloats attentions, int queries) {
    this.sizes = sizes;
    this.attentions = attentions;
    this.queries = queries;
  }

  /** Books sums and last rows, as far as they are needed. */
  void observe(LayerLedger ledger, Set<Signal> needs) {
    int slots = ledger.maxLength();
    if (ledger.attention().hasSums()) {
      ledger.observeSums(FloatBuffer.wrap(sums(slots)), slots);
    }
    int window = Math.min(queries, Signal.rowWindow(needs));
    if (window > 0) {
      int[] newTokens = new int[sizes.batch()];
      Arrays.fill(newTokens, queries);
      ledger.observeRows(FloatBuffer.wrap(rightAligned(window, slots)), window, slots, newTokens);
    }
  }

  /** Column sums {@code [B, H, T]}, right aligned, added up in double. */
  private float[] sums(int slots) {
    int heads = sizes.batch() * sizes.queryHeads();
    float[] sums = new float[heads * slots];
    for (int head = 0; head < heads; head++) {
      int length = attentions.rowLength(head * queries);
      double[] columns = new double[length];
      for (int q = 0; q < queries; q++) {
        int from = attentions.rowStart(head * queries + q);
        for (int j = 0; j < length; j++) {
          columns[j] += attentions.data()[from + j];
        }
      }
      for (int j = 0; j < length; j++) {
        sums[(head + 1) * slots - length + j] = (float) columns[j];
      }
    }
    return sums;
  }

  /** The last rows {@code [B, H, W, T]}, right aligned. */
  private float[] rightAligned(int window, int slots) {
    int heads = sizes.batch() * sizes.queryHeads();
    float[] rows = new float[heads * window * slots];
    for (int head = 0; head < heads; head++) {
      for (int w = 0; w < window; w++) {
        int row = (head + 1) * queries - window + w;
        int length = attentions.rowLength(row);
        System.arraycopy(
            attentions.data(),
            attentions.rowStart(row),
            rows,
            (head * window + w + 1) * slots - length,
            length);
      }
    }
    return rows;
  }

  /** The whole matrix {@code [B, H, Q, S]}. */
  FloatTensor matrix(int slots, LayerLedger ledger) {
    float[] data = ledger.isEven() ? attentions.data() : rightAligned(queries, slots);
    return FloatTensor.of(data, sizes.batch(), sizes.queryHeads(), queries, slots);
  }
}
