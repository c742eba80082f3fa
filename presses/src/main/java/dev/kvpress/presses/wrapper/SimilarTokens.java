package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** For each token of one head that goes, the token that stays whose key is most similar. */
final class SimilarTokens {
  // Floor of a key's length, as in kvpress.
  private static final double NORM_FLOOR = 1e-6;

  // Tokens compared at once.
  private static final int ROWS = 32;

  private final int row;
  private final int kvHead;
  private final int[] gone;
  private final int[] targets;
  private final float[] cosines;

  /** Compares the keys of each head that loses some of its tokens and keeps others. */
  static List<SimilarTokens> of(LayerSignals layer, KeptSlots kept) {
    List<Optional<SimilarTokens>> heads =
        layer
            .workers()
            .map(
                layer.batch() * layer.kvHeads(),
                i -> ofHead(layer, i / layer.kvHeads(), i % layer.kvHeads(), kept));
    return heads.stream().flatMap(Optional::stream).toList();
  }

  private static Optional<SimilarTokens> ofHead(
      LayerSignals layer, int row, int kvHead, KeptSlots kept) {
    int count = kept.count(row, kvHead);
    return count > 0 && count < layer.length(row, kvHead)
        ? Optional.of(new SimilarTokens(layer, row, kvHead, kept.of(row, kvHead)))
        : Optional.empty();
  }

  /**
   * Compares the keys of one head.
   *
   * @param kept slots that stay, ascending, at least one
   */
  private SimilarTokens(LayerSignals layer, int row, int kvHead, int[] kept) {
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
    Arrays.fill(cosines, Float.NEGATIVE_INFINITY);
    float[][] going = normalised(layer.keys(), gone, 0, gone.length);
    int perBlock = Math.min(kept.length, Vectors.tokensPerBlock(size));
    float[][] columns = new float[size][perBlock];
    float[][] similar = new float[ROWS][perBlock];
    for (int from = 0; from < kept.length; from += perBlock) {
      int count = Math.min(perBlock, kept.length - from);
      transpose(normalised(layer.keys(), kept, from, count), columns);
      for (int i = 0; i < gone.length; i += ROWS) {
        int rows = Math.min(ROWS, gone.length - i);
        Matrices.clear(similar, rows, count);
        Kernels.addProduct(
            Arrays.copyOfRange(going, i, i + rows), 0, columns, similar, rows, count);
        for (int r = 0; r < rows; r++) {
          int best = latestLargest(similar[r], count, cosines[i + r]);
          if (best >= 0 && Float.isNaN(similar[r][best])) {
            throw notANumber(layer, row, kvHead, gone[i + r], kept[from + best]);
          }
          if (best >= 0) {
            cosines[i + r] = similar[r][best];
            targets[i + r] = from + best;
          }
        }
      }
    }
  }

  /** The keys of some slots, brought to length 1, a row each. */
  private float[][] normalised(HeadVectors keys, int[] slots, int from, int count) {
    float[][] rows = new float[count][keys.size()];
    for (int i = 0; i < count; i++) {
      keys.read(row, kvHead, slots[from + i], rows[i]);
      normalise(rows[i]);
    }
    return rows;
  }

  private static void transpose(float[][] rows, float[][] columns) {
    for (int c = 0; c < columns.length; c++) {
      for (int r = 0; r < rows.length; r++) {
        columns[c][r] = rows[r][c];
      }
    }
  }

  /**
   * Where the last of the largest numbers is if it is no smaller than a floor, or the first that is
   * NaN; -1: none.
   */
  private static int latestLargest(float[] numbers, int count, float floor) {
    float most = Kernels.max(numbers, count);
    if (most < floor) {
      return -1;
    }
    if (Float.isNaN(most)) {
      return firstNotANumber(numbers);
    }
    int best = count - 1;
    while (best >= 0 && numbers[best] != most) {
      best--;
    }
    return best;
  }

  private static int firstNotANumber(float[] numbers) {
    int first = 0;
    while (!Float.isNaN(numbers[first])) {
      first++;
    }
    return first;
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

  private static void normalise(float[] key) {
    float norm = (float) Math.max(Math.sqrt(Vectors.squaredNorm(key, 0, key.length)), NORM_FLOOR);
    for (int c = 0; c < key.length; c++) {
      key[c] /= norm;
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
