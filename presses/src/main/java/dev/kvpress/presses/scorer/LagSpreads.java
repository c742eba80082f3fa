package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Rows;
import dev.kvpress.presses.signal.HeadVectors;
import java.util.Arrays;

/**
 * How widely the channels of each vector of a block spread on the scale of the following block,
 * with room for the arithmetic on one head after another. For one thread.
 */
final class LagSpreads {
  private final HeadVectors vectors;
  private final int first;
  private final int lag;
  private final int size;
  private final float[] least;
  private final float[] most;
  private final float[] perRange;
  private float[] block;
  private float[] next;

  /**
   * Takes the blocks.
   *
   * @param first slot where the first block begins
   * @param lag tokens of a block
   */
  LagSpreads(HeadVectors vectors, int first, int lag) {
    this.vectors = vectors;
    this.first = first;
    this.lag = lag;
    size = vectors.size();
    least = new float[size];
    most = new float[size];
    perRange = new float[size];
    block = new float[lag * size];
    next = new float[lag * size];
  }

  /**
   * The softmax of the spreads of each block's vectors, {@code [count][lag]}.
   *
   * @param count blocks, with one more behind them
   */
  double[][] of(int row, int kvHead, int count) {
    double[][] spreads = new double[count][lag];
    vectors.read(row, kvHead, first, first + lag, next);
    for (int p = 0; p < count; p++) {
      float[] last = block;
      block = next;
      next = last;
      int from = first + (p + 1) * lag;
      vectors.read(row, kvHead, from, from + lag, next);
      scale(next);
      Rows.deviations(block, lag, size, least, perRange, spreads[p]);
      spreads[p] = Softmax.of(spreads[p]);
    }
    return spreads;
  }

  /** Minima of a block's channels, and one over their ranges. */
  private void scale(float[] scaling) {
    Rows.ranges(scaling, lag, size, least, most);
    for (int c = 0; c < size; c++) {
      perRange[c] = most[c] == least[c] ? 0 : 1 / (most[c] - least[c]);
    }
  }

  /** The mean of two, token by token. */
  static double[] mean(double[] one, double[] other) {
    double[] mean = new double[one.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (one[i] + other[i]) / 2;
    }
    return mean;
  }

  /** Ranks over the block length; of equal weights the later token ranks higher. */
  static double[] ranks(double[] weights) {
    long[] order = new long[weights.length];
    double[] ranks = new double[weights.length];
    for (int i = 0; i < order.length; i++) {
      if (Double.isNaN(weights[i])) {
        // A rank would hide that the scores are not numbers.
        Arrays.fill(ranks, Double.NaN);
        return ranks;
      }
      // Softmax weights are not negative, so their bits are in their order.
      order[i] = ((long) Float.floatToRawIntBits((float) weights[i]) << 32) | i;
    }
    Arrays.sort(order);
    for (int rank = 0; rank < order.length; rank++) {
      ranks[(int) order[rank]] = (double) rank / order.length;
    }
    return ranks;
  }
}
