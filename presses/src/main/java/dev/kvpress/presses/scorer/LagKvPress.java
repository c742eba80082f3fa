package dev.kvpress.presses.scorer;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.Parameter;
import dev.kvpress.presses.spec.PressDescriptor;
import java.util.Arrays;

/**
 * Scores a token by how widely its channels spread on the scale of the following block of tokens:
 * standard deviation over D of {@code (x - min) / (max - min)}, softmax within the block, mean of
 * keys and values; by default only the rank within the block counts. Sinks, the last block and the
 * rest after it score 1.
 *
 * <p>A context of fewer than {@code n_sink + 2 * lag_size} tokens is scored by position. A channel
 * that does not vary in the following block, where kvpress divides by zero, counts as zero.
 */
public final class LagKvPress extends ScorerPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("lagkv")
          .with(Parameter.integer("n_sink", 4, 0, "first tokens that stay"))
          .with(Parameter.integer("lag_size", 128, 1, "tokens of a block"))
          .with(Parameter.flag("cross_scoring", false, "compare scores across blocks, not ranks"))
          .summary("Keeps tokens whose keys and values stand out against the following block.")
          .source("LagKV, arXiv 2504.04704; kvpress lagkv_press.py")
          .madeBy(
              arguments ->
                  new LagKvPress(
                      arguments.integer("n_sink"),
                      arguments.integer("lag_size"),
                      arguments.flag("cross_scoring")));

  private final int sinks;
  private final int lag;
  private final boolean crossScoring;

  /**
   * Takes the sizes.
   *
   * @param sinks first tokens that score 1, not negative
   * @param lag tokens of a block, at least 1
   * @param crossScoring whether scores are compared across blocks instead of ranks within them
   */
  public LagKvPress(int sinks, int lag, boolean crossScoring) {
    checkArgument(sinks >= 0, "n_sink must not be negative, found %s", sinks);
    checkArgument(lag >= 1, "lag_size must be at least 1, found %s", lag);
    this.sinks = sinks;
    this.lag = lag;
    this.crossScoring = crossScoring;
  }

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    Scores scores = Scores.of(layer);
    for (int b = 0; b < layer.batch(); b++) {
      for (int g = 0; g < layer.kvHeads(); g++) {
        scores.setHead(b, g, head(layer, b, g));
      }
    }
    return scores;
  }

  private double[] head(LayerSignals layer, int row, int kvHead) {
    int length = layer.length(row, kvHead);
    double[] scores = new double[length];
    Arrays.fill(scores, 1);
    if (length < sinks + 2L * lag) {
      for (int j = sinks; j < length; j++) {
        scores[j] = (double) (j - sinks) / (length - sinks);
      }
      return scores;
    }
    int blocks = (length - sinks) / lag;
    for (int p = 0; p < blocks - 1; p++) {
      int from = sinks + p * lag;
      double[] keys = block(layer.keys(), row, kvHead, from);
      double[] values = block(layer.values(), row, kvHead, from);
      double[] mean = new double[lag];
      for (int i = 0; i < lag; i++) {
        mean[i] = (keys[i] + values[i]) / 2;
      }
      System.arraycopy(crossScoring ? mean : ranks(mean), 0, scores, from, lag);
    }
    return scores;
  }

  /** Softmax of the spread of the tokens {@code from..from+lag} on the scale of the next block. */
  private double[] block(HeadVectors vectors, int row, int kvHead, int from) {
    int size = vectors.size();
    float[] both = new float[2 * lag * size];
    vectors.read(row, kvHead, from, from + 2 * lag, both);
    float[] min = new float[size];
    float[] max = new float[size];
    Arrays.fill(min, Float.POSITIVE_INFINITY);
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
    for (int i = lag; i < 2 * lag; i++) {
      for (int c = 0; c < size; c++) {
        min[c] = Math.min(min[c], both[i * size + c]);
        max[c] = Math.max(max[c], both[i * size + c]);
      }
    }
    double[] perRange = new double[size];
    for (int c = 0; c < size; c++) {
      perRange[c] = max[c] == min[c] ? 0 : 1.0 / (max[c] - min[c]);
    }
    double[] spread = new double[lag];
    for (int i = 0; i < lag; i++) {
      spread[i] = deviation(both, i * size, size, min, perRange);
    }
    return Softmax.of(spread);
  }

  /** Standard deviation (over D-1) of {@code (x - min) / range} over the channels of one token. */
  private static double deviation(
      float[] vectors, int at, int size, float[] min, double[] perRange) {
    // Two sums each, so that an addition need not wait for the one before.
    double sum0 = 0;
    double sum1 = 0;
    double squares0 = 0;
    double squares1 = 0;
    int c = 0;
    for (; c + 1 < size; c += 2) {
      double x = (vectors[at + c] - min[c]) * perRange[c];
      double y = (vectors[at + c + 1] - min[c + 1]) * perRange[c + 1];
      sum0 += x;
      sum1 += y;
      squares0 += x * x;
      squares1 += y * y;
    }
    for (; c < size; c++) {
      double x = (vectors[at + c] - min[c]) * perRange[c];
      sum0 += x;
      squares0 += x * x;
    }
    double sum = sum0 + sum1;
    double spread = squares0 + squares1 - sum * sum / size;
    // Rounding may leave a trace below zero where all channels agree; NaN must pass.
    return size == 1 || spread < 0 ? 0 : Math.sqrt(spread / (size - 1));
  }

  /** Ranks over the block length; of equal scores the later token ranks higher. */
  private double[] ranks(double[] block) {
    long[] order = new long[lag];
    double[] ranks = new double[lag];
    for (int i = 0; i < lag; i++) {
      if (Double.isNaN(block[i])) {
        // A rank would hide that the scores are not numbers.
        Arrays.fill(ranks, Double.NaN);
        return ranks;
      }
      // Softmax weights are not negative, so their bits are in their order.
      order[i] = ((long) Float.floatToRawIntBits((float) block[i]) << 32) | i;
    }
    Arrays.sort(order);
    for (int rank = 0; rank < lag; rank++) {
      ranks[(int) order[rank]] = (double) rank / lag;
    }
    return ranks;
  }
}
