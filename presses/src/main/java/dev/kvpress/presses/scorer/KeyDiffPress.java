package dev.kvpress.presses.scorer;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.Scores;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.spec.PressDescriptor;

/**
 * Scores a token by how little its key resembles the others: {@code -cos(K_j, a)} with the anchor
 * {@code a} the mean of the normalised keys. The paper's form, in blocks, is {@code
 * block(keydiff)}.
 */
public final class KeyDiffPress extends ScorerPress {
  /** The catalogue line. */
  public static final PressDescriptor DESCRIPTOR =
      PressDescriptor.named("keydiff")
          .summary("Keeps the tokens whose keys differ most from the mean key.")
          .source("KeyDiff, arXiv 2504.15364; kvpress keydiff_press.py")
          .madeBy(arguments -> new KeyDiffPress());

  // PyTorch's floors of a vector's length in normalize and cosine_similarity.
  private static final double NORM_FLOOR = 1e-12;
  private static final double COSINE_FLOOR = 1e-8;

  @Override
  public Scores score(LayerSignals layer, Budget budget) {
    Scores scores = Scores.of(layer);
    HeadVectors keys = layer.keys();
    int size = keys.size();
    int perBlock = Vectors.tokensPerBlock(size);
    float[] block = new float[perBlock * size];
    for (int b = 0; b < layer.batch(); b++) {
      for (int g = 0; g < layer.kvHeads(); g++) {
        int length = layer.length(b, g);
        double[] norms = new double[length];
        float[] anchor = anchor(keys, b, g, norms, block);
        double anchorNorm = Math.sqrt(Vectors.squaredNorm(anchor, 0, size));
        for (int from = 0; from < length; from += perBlock) {
          int to = Math.min(length, from + perBlock);
          keys.read(b, g, from, to, block);
          for (int j = from; j < to; j++) {
            double dot = Vectors.dot(block, (j - from) * size, anchor, 0, size);
            double lengths = Math.max(norms[j], COSINE_FLOOR) * Math.max(anchorNorm, COSINE_FLOOR);
            scores.set(b, g, j, (float) (-dot / lengths));
          }
        }
      }
    }
    return scores;
  }

  /** The mean of the normalised keys; notes the length of each key on the way. */
  private static float[] anchor(
      HeadVectors keys, int row, int kvHead, double[] norms, float[] block) {
    int size = keys.size();
    int perBlock = block.length / size;
    double[] sum = new double[size];
    for (int from = 0; from < norms.length; from += perBlock) {
      int to = Math.min(norms.length, from + perBlock);
      keys.read(row, kvHead, from, to, block);
      for (int j = from; j < to; j++) {
        int at = (j - from) * size;
        norms[j] = Math.sqrt(Vectors.squaredNorm(block, at, size));
        double weight = 1 / Math.max(norms[j], NORM_FLOOR);
        for (int c = 0; c < size; c++) {
          sum[c] += block[at + c] * weight;
        }
      }
    }
    float[] anchor = new float[size];
    for (int c = 0; c < size; c++) {
      anchor[c] = (float) (sum[c] / norms.length);
    }
    return anchor;
  }
}
