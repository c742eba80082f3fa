package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.RotaryParameters;

/**
 * The mean queries of the group of one KV head, turned to where they look from, and how much longer
 * queries are than their mean. For one thread.
 */
final class TurnedCentres {
  private final LayerSignals layer;
  private final int row;
  private final int kvHead;
  private final int size;
  private final int pairs;
  // [g][D], and [g][pairs and channels that are not turned].
  private final double[][] centres;
  private final double[][] excess;

  /**
   * Reads the statistics.
   *
   * @param farthest largest offset; the offsets are the powers of two up to it
   */
  TurnedCentres(LayerSignals layer, int row, int kvHead, int farthest) {
    this.layer = layer;
    this.row = row;
    this.kvHead = kvHead;
    size = layer.keys().size();
    RotaryParameters rotary = layer.rotary();
    pairs = rotary.pairs();
    int group = layer.groupSize();
    FloatTensor means = layer.auxiliary(TriAttentionPress.MEAN, layer.queryHeads(), size);
    FloatTensor lengths = layer.auxiliary(TriAttentionPress.LENGTH, layer.queryHeads(), size);
    centres = new double[group][];
    excess = new double[group][size - pairs];
    for (int h = 0; h < group; h++) {
      int from = (kvHead * group + h) * size;
      double[] mean = new double[size];
      for (int c = 0; c < size; c++) {
        mean[c] = means.get(from + c);
      }
      for (int f = 0; f < pairs; f++) {
        double ofMean = Math.hypot(mean[rotary.first(f)], mean[rotary.second(f)]);
        // Cached keys carry the scaling once, the product of query and key has it twice.
        excess[h][f] = (lengths.get(from + rotary.first(f)) - ofMean) * rotary.attentionScaling();
      }
      for (int c = 2 * pairs; c < size; c++) {
        excess[h][c - pairs] = lengths.get(from + c) - Math.abs(mean[c]);
      }
      centres[h] = turned(mean, rotary, layer.tokensSeen(row), farthest);
    }
  }

  /** The mean over the positions {@code start + 1, start + 2, start + 4, …}. */
  private static double[] turned(double[] mean, RotaryParameters rotary, int start, int farthest) {
    double[] sum = new double[mean.length];
    int offsets = Integer.SIZE - Integer.numberOfLeadingZeros(farthest);
    for (int i = 0; i < offsets; i++) {
      double[] query = mean.clone();
      rotary.rotate(query, start + (1 << i));
      for (int c = 0; c < sum.length; c++) {
        sum[c] += query[c] / offsets;
      }
    }
    return sum;
  }

  /** The scores of the first keys by each query head, {@code [g][count]}. */
  double[][] scores(int count) {
    double[][] scores = new double[centres.length][count];
    int perBlock = Math.max(1, Math.min(count, Vectors.tokensPerBlock(size)));
    float[] block = new float[perBlock * size];
    double[][] columns = new double[size][perBlock];
    double[][] lengths = new double[size - pairs][perBlock];
    double[][] ofBlock = new double[centres.length][perBlock];
    for (int from = 0; from < count; from += perBlock) {
      int tokens = Math.min(perBlock, count - from);
      layer.keys().read(row, kvHead, from, from + tokens, block);
      Matrices.transpose(block, tokens, size, columns);
      fillLengths(columns, tokens, lengths);
      Matrices.clear(ofBlock, ofBlock.length, tokens);
      Kernels.addProduct(centres, 0, columns, ofBlock, ofBlock.length, tokens);
      Kernels.addProduct(excess, 0, lengths, ofBlock, ofBlock.length, tokens);
      for (int h = 0; h < scores.length; h++) {
        System.arraycopy(ofBlock[h], 0, scores[h], from, tokens);
      }
    }
    return scores;
  }

  /** Lengths of the keys in each pair, then sizes of the channels that are not turned. */
  private void fillLengths(double[][] columns, int tokens, double[][] lengths) {
    RotaryParameters rotary = layer.rotary();
    for (int f = 0; f < pairs; f++) {
      double[] one = columns[rotary.first(f)];
      double[] other = columns[rotary.second(f)];
      for (int j = 0; j < tokens; j++) {
        lengths[f][j] = Math.sqrt(one[j] * one[j] + other[j] * other[j]);
      }
    }
    for (int c = 2 * pairs; c < size; c++) {
      for (int j = 0; j < tokens; j++) {
        lengths[c - pairs][j] = Math.abs(columns[c][j]);
      }
    }
  }
}
