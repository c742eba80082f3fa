package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.kernel.Columns;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;

/** How much each cached value moves the output of the layer. */
final class ProjectedValues {
  private ProjectedValues() {}

  /**
   * {@code ‖Wo_h V_j‖_1}, mean over the query heads of the group (kvpress {@code
   * criticalkv_press.py}, vwl1norm).
   *
   * @return {@code [B*G][S]}
   */
  static float[][] norms(LayerSignals layer) {
    int size = layer.values().size();
    int width = layer.queryHeads() * size;
    FloatTensor projection = layer.outputProjection();
    if (projection.shape().length != 2 || projection.size(1) != width) {
      throw new IllegalArgumentException(
          "output_projection of layer %d must have the shape [E, %d] (query heads x head size), found %s"
              .formatted(layer.layer(), width, Arrays.toString(projection.shape())));
    }
    int outputs = projection.size(0);
    float[] weights = new float[outputs * width];
    projection.read(0, weights, weights.length);
    float[][] norms = new float[layer.batch() * layer.kvHeads()][];
    int perBlock = Vectors.tokensPerBlock(size);
    float[] block = new float[perBlock * size];
    for (int head = 0; head < norms.length; head++) {
      int row = head / layer.kvHeads();
      int kvHead = head % layer.kvHeads();
      int length = layer.length(row, kvHead);
      norms[head] = new float[length];
      for (int from = 0; from < length; from += perBlock) {
        int to = Math.min(length, from + perBlock);
        layer.values().read(row, kvHead, from, to, block);
        Columns values = new Columns(block, 0, to - from, size);
        float[] sums = sums(values, size, weights, width, kvHead, layer.groupSize());
        for (int j = from; j < to; j++) {
          norms[head][j] = sums[j - from] / layer.groupSize();
        }
      }
    }
    return norms;
  }

  private static float[] sums(
      Columns values, int size, float[] weights, int width, int kvHead, int group) {
    float[] sums = new float[values.count()];
    float[] moved = new float[sums.length];
    for (int h = kvHead * group; h < (kvHead + 1) * group; h++) {
      for (int from = h * size; from < weights.length; from += width) {
        values.dots(weights, from, moved);
        for (int j = 0; j < sums.length; j++) {
          sums[j] += Math.abs(moved[j]);
        }
      }
    }
    return sums;
  }
}
