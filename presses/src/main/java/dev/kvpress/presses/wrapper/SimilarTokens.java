package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.kernel.Columns;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;
import java.util.stream.IntStream;

/** For each token of one head that goes, the token that stays whose key is most similar. */
final class SimilarTokens {
  // Floor of a key's length, as in kvpress.
  private static final double NORM_FLOOR = 1e-6;

  private final int row;
  private final int kvHead;
  private final int[] gone;
  private final int[] targets;
  private final float[] cosines;

  /**
   * Compares the keys of one head.
   *
   * @param kept slots that stay, ascending, at least one
   */
  SimilarTokens(LayerSignals layer, int row, int kvHead, int[] kept) {
    this.row = row;
    this.kvHead = kvHead;
    int length = layer.length(row, kvHead);
    int size = layer.keys().size();
    boolean[] stays = new boolean[length];
    for (int slot : kept) {
      stays[slot] = true;
    }
    gone = IntStream.range(0, length).filter(slot -> !stays[slot]).toArray();
    targets = new int[gone.length];
    cosines = new float[gone.length];
    float[] keys = new float[length * size];
    layer.keys().read(row, kvHead, 0, length, keys);
    for (int slot = 0; slot < length; slot++) {
      normalise(keys, slot * size, size);
    }
    Arrays.fill(cosines, Float.NEGATIVE_INFINITY);
    int perBlock = Math.min(kept.length, Vectors.tokensPerBlock(size));
    float[] block = new float[perBlock * size];
    float[] similar = new float[perBlock];
    for (int from = 0; from < kept.length; from += perBlock) {
      int count = Math.min(perBlock, kept.length - from);
      for (int k = 0; k < count; k++) {
        System.arraycopy(keys, kept[from + k] * size, block, k * size, size);
      }
      Columns staying = new Columns(block, 0, count, size);
      for (int i = 0; i < gone.length; i++) {
        staying.dots(keys, gone[i] * size, similar);
        int best = latestLargest(similar, count, cosines[i]);
        if (best >= 0 && Float.isNaN(similar[best])) {
          throw notANumber(layer, row, kvHead, gone[i], kept[from + best]);
        }
        if (best >= 0) {
          cosines[i] = similar[best];
          targets[i] = from + best;
        }
      }
    }
  }

  /** Where the largest number is that is no smaller than a floor, or one that is NaN; -1: none. */
  private static int latestLargest(float[] numbers, int count, float floor) {
    int best = -1;
    float most = floor;
    for (int k = 0; k < count; k++) {
      if (!(numbers[k] < most)) {
        most = numbers[k];
        best = k;
        if (Float.isNaN(most)) {
          return k;
        }
      }
    }
    return best;
  }

  private static IllegalArgumentException notANumber(
      LayerSignals layer, int row, int kvHead, int goneSlot, int keptSlot) {
    return new IllegalArgumentException(
        "the similarity of token %d to token %d (layer %d, row %d, KV head %d) is not a number; keys of one of them hold NaN"
            .formatted(
                layer.position(row, kvHead, goneSlot),
                layer.position(row, kvHead, keptSlot),
                layer.layer(),
                row,
                kvHead));
  }

  private static void normalise(float[] keys, int at, int size) {
    float norm = (float) Math.max(Math.sqrt(Vectors.squaredNorm(keys, at, size)), NORM_FLOOR);
    for (int c = at; c < at + size; c++) {
      keys[c] /= norm;
    }
  }

  /**
   * Adds the values of tokens that go to those of the most similar ones that stay.
   *
   * @param threshold lowest cosine of a token that is merged
   * @param fraction share of the tokens that go, most similar first, in (0, 1]
   */
  void mergeInto(ValueSums values, double threshold, double fraction) {
    float least = leastOf(threshold, fraction);
    for (int i = 0; i < gone.length; i++) {
      if (cosines[i] >= least && cosines[i] > 0) {
        values.addByNorm(row, kvHead, gone[i], targets[i], cosines[i]);
      }
    }
  }

  /**
   * The cosine from which on tokens are merged.
   *
   * @param threshold lowest cosine in any case
   * @param fraction share of the tokens that go, most similar first, in (0, 1]
   */
  private float leastOf(double threshold, double fraction) {
    float floor = (float) threshold;
    if (fraction == 1) {
      return floor;
    }
    float[] sorted = cosines.clone();
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] = sorted[i] >= floor ? sorted[i] : Float.NEGATIVE_INFINITY;
    }
    Arrays.sort(sorted);
    // The quantile of PyTorch, interpolated between two cosines unless the lower one is refused.
    double at = (1 - fraction) * (sorted.length - 1);
    float lower = sorted[(int) at];
    float upper = sorted[(int) Math.ceil(at)];
    float quantile =
        lower == Float.NEGATIVE_INFINITY
            ? upper
            : (float) (lower + ((double) upper - lower) * (at - (int) at));
    return Math.max(floor, quantile);
  }
}
