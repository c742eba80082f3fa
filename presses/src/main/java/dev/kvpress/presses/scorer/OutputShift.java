package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ObservedAttention;
import java.util.Arrays;

/**
 * How far the loss of one token alone would move the attention outputs of the last queries, for
 * {@link DropKvPress}: {@code (p / (1 - p + epsilon))^2 ‖v - o‖^2}. For one KV head.
 */
final class OutputShift {
  private final LayerSignals layer;
  private final int row;
  private final int kvHead;
  private final double epsilon;
  private final int size;
  private final int length;
  private final int perBlock;

  OutputShift(LayerSignals layer, int row, int kvHead, double epsilon) {
    this.layer = layer;
    this.row = row;
    this.kvHead = kvHead;
    this.epsilon = epsilon;
    size = layer.values().size();
    length = layer.length(row, kvHead);
    perBlock = Vectors.tokensPerBlock(size);
  }

  /** The sum over the last queries of all heads of the group, {@code [length]}. */
  double[] of(int window) {
    float[][] weights = weights(window);
    float[][] outputs = outputs(weights);
    double[] moved = new double[length];
    float[] block = new float[perBlock * size];
    float[][] columns = new float[size][perBlock];
    float[] distances = new float[perBlock];
    for (int from = 0; from < length; from += perBlock) {
      int count = Math.min(perBlock, length - from);
      layer.values().read(row, kvHead, from, from + count, block);
      Matrices.transpose(block, count, size, columns);
      for (int i = 0; i < weights.length; i++) {
        squaredDistances(columns, count, outputs[i], distances);
        for (int j = 0; j < count; j++) {
          double weight = weights[i][from + j];
          double ratio = weight / (1.0 - weight + epsilon);
          // A weight of zero moves nothing, whatever the value is.
          moved[from + j] += ratio == 0 ? 0 : ratio * ratio * distances[j];
        }
      }
    }
    return moved;
  }

  /** The last attention rows of each query head as a softmax over the tokens still there. */
  private float[][] weights(int window) {
    ObservedAttention attention = layer.attention();
    int rows = attention.rows(row);
    int voters = Math.min(window, rows);
    float[][] weights = new float[layer.groupSize() * voters][length];
    for (int i = 0; i < weights.length; i++) {
      int head = kvHead * layer.groupSize() + i / voters;
      attention.readRow(row, head, rows - voters + i % voters, weights[i], length);
      normalise(weights[i]);
    }
    return weights;
  }

  private static void normalise(float[] weights) {
    double sum = 0;
    for (float weight : weights) {
      sum += weight;
    }
    // A row of which nothing is left says nothing.
    float scale = sum == 0 ? 0 : (float) (1 / sum);
    for (int j = 0; j < weights.length; j++) {
      weights[j] *= scale;
    }
  }

  /** {@code o_i = sum_j p_ij v_j}; sums of a block in float, over blocks in double. */
  private float[][] outputs(float[][] weights) {
    float[][] values = new float[perBlock][size];
    float[][] ofBlock = new float[weights.length][size];
    double[][] sums = new double[weights.length][size];
    for (int from = 0; from < length; from += perBlock) {
      int count = Math.min(perBlock, length - from);
      layer.values().read(row, kvHead, from, from + count, values);
      Matrices.clear(ofBlock, ofBlock.length, size);
      float[][] right = count == perBlock ? values : Arrays.copyOf(values, count);
      Kernels.addProduct(weights, from, right, ofBlock, weights.length, size);
      for (int i = 0; i < sums.length; i++) {
        for (int c = 0; c < size; c++) {
          sums[i][c] += ofBlock[i][c];
        }
      }
    }
    for (int i = 0; i < sums.length; i++) {
      for (int c = 0; c < size; c++) {
        ofBlock[i][c] = (float) sums[i][c];
      }
    }
    return ofBlock;
  }

  private static void squaredDistances(
      float[][] columns, int count, float[] output, float[] distances) {
    Arrays.fill(distances, 0, count, 0);
    for (int c = 0; c < output.length; c++) {
      float[] channel = columns[c];
      float centre = output[c];
      for (int j = 0; j < count; j++) {
        float difference = channel[j] - centre;
        distances[j] += difference * difference;
      }
    }
  }
}
