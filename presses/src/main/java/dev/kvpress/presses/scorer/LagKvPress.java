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
import java.util.Comparator;

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
    double[] spread = new double[lag];
    double[] scaled = new double[size];
    for (int i = 0; i < lag; i++) {
      double sum = 0;
      for (int c = 0; c < size; c++) {
        float range = max[c] - min[c];
        scaled[c] = range == 0 ? 0 : (both[i * size + c] - min[c]) / range;
        sum += scaled[c];
      }
      double squares = 0;
      for (int c = 0; c < size; c++) {
        squares += (scaled[c] - sum / size) * (scaled[c] - sum / size);
      }
      spread[i] = size == 1 ? 0 : Math.sqrt(squares / (size - 1));
    }
    return Softmax.of(spread);
  }

  private double[] ranks(double[] block) {
    Integer[] order = new Integer[lag];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> block[i]));
    double[] ranks = new double[lag];
    for (int rank = 0; rank < lag; rank++) {
      // A rank would hide that the score is not a number.
      ranks[order[rank]] = Double.isNaN(block[order[rank]]) ? Double.NaN : (double) rank / lag;
    }
    return ranks;
  }
}
