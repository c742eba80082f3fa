package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.HeadVectors;
import java.util.Arrays;

/**
 * How much the keys of one head repeat each other, with room for the arithmetic on blocks of them:
 * memory does not grow with the square of the tokens. For one thread.
 *
 * <p>Token j is as redundant as the mean over all tokens i of {@code cos(k_i, k_j)}, its own left
 * out, and without those i of which j is the latest that is more similar than the threshold: of
 * tokens that repeat each other the last does not count as redundant. The means pass a softmax over
 * all tokens. As in the original, a token that resembles none is left out of the mean of the first
 * token instead.
 */
final class KeyRedundancy {
  // Keys whose latest likeness is looked for at once.
  private static final int ROWS = 128;
  // Of a key's length, as in the original.
  private static final double NORM_FLOOR = 1e-8;

  private final HeadVectors keys;
  private final double threshold;
  private final int size;
  private final int perBlock;
  private final float[] read;
  private final float[][] columns;
  private final float[][] rows;
  private final float[][] cosines;

  KeyRedundancy(HeadVectors keys, double threshold) {
    this.keys = keys;
    this.threshold = threshold;
    size = keys.size();
    perBlock = Vectors.tokensPerBlock(size);
    read = new float[Math.max(ROWS, perBlock) * size];
    columns = new float[size][perBlock];
    rows = new float[ROWS][size];
    cosines = new float[ROWS][perBlock];
  }

  /** The redundancies of the first keys of a head, {@code [length]}, which sum to one. */
  double[] of(int row, int kvHead, int length) {
    double[] inverse = Arrays.copyOf(keys.norms(row, kvHead, length), length);
    for (int j = 0; j < length; j++) {
      inverse[j] = 1 / (inverse[j] + NORM_FLOOR);
    }
    double[] sums = cosinesWithAll(row, kvHead, inverse);
    for (int from = 0; from < length; from += ROWS) {
      leaveOutLatest(row, kvHead, from, Math.min(ROWS, length - from), inverse, sums);
    }
    for (int j = 0; j < length; j++) {
      sums[j] /= length;
    }
    return Softmax.of(sums);
  }

  /** The sum of each key's cosines with all others. */
  private double[] cosinesWithAll(int row, int kvHead, double[] inverse) {
    double[] all = new double[size];
    for (int from = 0; from < inverse.length; from += perBlock) {
      int count = readUnit(row, kvHead, from, perBlock, inverse);
      for (int i = 0; i < count * size; i++) {
        all[i % size] += read[i];
      }
    }
    double[] sums = new double[inverse.length];
    for (int from = 0; from < inverse.length; from += perBlock) {
      int count = readUnit(row, kvHead, from, perBlock, inverse);
      for (int j = 0; j < count; j++) {
        for (int c = 0; c < size; c++) {
          float own = read[j * size + c];
          sums[from + j] += own * (all[c] - own);
        }
      }
    }
    return sums;
  }

  /** Takes each of some keys out of the sum of the latest key that it resembles. */
  private void leaveOutLatest(
      int row, int kvHead, int first, int count, double[] inverse, double[] sums) {
    readUnit(row, kvHead, first, count, inverse);
    for (int r = 0; r < count; r++) {
      System.arraycopy(read, r * size, rows[r], 0, size);
    }
    boolean[] found = new boolean[count];
    int left = count;
    int blocks = (inverse.length + perBlock - 1) / perBlock;
    for (int block = blocks - 1; block >= 0 && left > 0; block--) {
      int from = block * perBlock;
      int tokens = readUnit(row, kvHead, from, perBlock, inverse);
      Matrices.transpose(read, tokens, size, columns);
      Matrices.clear(cosines, count, tokens);
      Kernels.addProduct(rows, 0, columns, cosines, count, tokens);
      for (int r = 0; r < count; r++) {
        int latest = found[r] ? -1 : latest(cosines[r], tokens, first + r - from);
        if (latest >= 0) {
          sums[from + latest] -= cosines[r][latest];
          found[r] = true;
          left--;
        }
      }
    }
    // The first block was read last, unless all were found before it.
    for (int r = 0; r < count && left > 0; r++) {
      if (!found[r] && first + r > 0) {
        sums[0] -= cosines[r][0];
      }
    }
  }

  /** The last index above the threshold but for one's own; -1 if there is none. */
  private int latest(float[] similar, int count, int own) {
    for (int j = count - 1; j >= 0; j--) {
      if (similar[j] > threshold && j != own) {
        return j;
      }
    }
    return -1;
  }

  /** Reads keys and makes them as long as one; returns how many there were. */
  private int readUnit(int row, int kvHead, int from, int most, double[] inverse) {
    int count = Math.min(most, inverse.length - from);
    keys.read(row, kvHead, from, from + count, read);
    for (int j = 0; j < count; j++) {
      float scale = (float) inverse[from + j];
      for (int c = j * size; c < (j + 1) * size; c++) {
        read[c] *= scale;
      }
    }
    return count;
  }
}
