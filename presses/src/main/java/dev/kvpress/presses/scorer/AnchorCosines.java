package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Rows;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.HeadVectors;
import java.util.Arrays;

/**
 * The cosine of each key with the mean of the normalised keys of its head, with room for the
 * arithmetic on one block of keys after another. For one thread.
 */
final class AnchorCosines {
  // PyTorch's floors of a vector's length in normalize and cosine_similarity.
  private static final double NORM_FLOOR = 1e-12;
  private static final double COSINE_FLOOR = 1e-8;

  private final HeadVectors keys;
  private final int size;
  private final int perBlock;
  private final float[] block;
  private final float[] perToken;

  AnchorCosines(HeadVectors keys) {
    this.keys = keys;
    size = keys.size();
    perBlock = Vectors.tokensPerBlock(size);
    block = new float[perBlock * size];
    perToken = new float[perBlock];
  }

  /** The cosines of the first keys of a head, {@code [length]}. */
  double[] of(int row, int kvHead, int length) {
    double[] norms = keys.norms(row, kvHead, length);
    float[] anchor = anchor(row, kvHead, length, norms);
    double anchorNorm = Math.sqrt(Vectors.squaredNorm(anchor, 0, size));
    double[] cosines = new double[length];
    for (int from = 0; from < length; from += perBlock) {
      int count = Math.min(length - from, perBlock);
      keys.read(row, kvHead, from, from + count, block);
      Rows.dots(block, count, size, anchor, perToken);
      for (int i = 0; i < count; i++) {
        double lengths =
            Math.max(norms[from + i], COSINE_FLOOR) * Math.max(anchorNorm, COSINE_FLOOR);
        cosines[from + i] = perToken[i] / lengths;
      }
    }
    return cosines;
  }

  /** The mean of the normalised keys. */
  private float[] anchor(int row, int kvHead, int length, double[] norms) {
    double[] sum = new double[size];
    float[] ofBlock = new float[size];
    for (int from = 0; from < length; from += perBlock) {
      int count = Math.min(length - from, perBlock);
      keys.read(row, kvHead, from, from + count, block);
      for (int i = 0; i < count; i++) {
        perToken[i] = (float) (1 / Math.max(norms[from + i], NORM_FLOOR));
      }
      Arrays.fill(ofBlock, 0);
      Rows.addWeighted(block, count, size, perToken, ofBlock);
      for (int c = 0; c < size; c++) {
        sum[c] += ofBlock[c];
      }
    }
    float[] anchor = new float[size];
    for (int c = 0; c < size; c++) {
      anchor[c] = (float) (sum[c] / length);
    }
    return anchor;
  }
}
