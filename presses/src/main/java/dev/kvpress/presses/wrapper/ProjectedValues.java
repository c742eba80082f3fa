package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;

/** How much each cached value moves the output of the layer. */
public final class ProjectedValues {
  // Outputs multiplied at once.
  private static final int ROWS = 32;

  private final FloatTensor projection;
  private final int outputs;
  private final int width;
  private final int size;

  private ProjectedValues(LayerSignals layer) {
    projection = layer.outputProjection();
    size = layer.values().size();
    width = layer.queryHeads() * size;
    if (projection.shape().length != 2 || projection.size(1) != width) {
      throw new IllegalArgumentException(
          "output_projection of layer %d must have the shape [E, %d] (query heads x head size), found %s"
              .formatted(layer.layer(), width, Arrays.toString(projection.shape())));
    }
    outputs = projection.size(0);
  }

  /**
   * {@code ‖Wo_h V_j‖_1}, mean over the query heads of the group (kvpress {@code
   * criticalkv_press.py}, vwl1norm).
   *
   * @return {@code [B*G][S]}
   * @throws IllegalArgumentException if the output projection has another shape than the layer's
   */
  public static float[][] norms(LayerSignals layer) {
    ProjectedValues values = new ProjectedValues(layer);
    float[][] norms = new float[layer.batch() * layer.kvHeads()][];
    layer
        .workers()
        .forEach(
            norms.length,
            i -> norms[i] = values.norms(layer, i / layer.kvHeads(), i % layer.kvHeads()));
    return norms;
  }

  private float[] norms(LayerSignals layer, int row, int kvHead) {
    int group = layer.groupSize();
    int length = layer.length(row, kvHead);
    int perBlock = Math.min(length, Vectors.tokensPerBlock(size));
    float[] norms = new float[length];
    float[] block = new float[perBlock * size];
    float[][] columns = new float[size][perBlock];
    float[][] moved = new float[ROWS][perBlock];
    float[] sums = new float[perBlock];
    float[][][] weights = weights(kvHead * group, group);
    for (int from = 0; from < length; from += perBlock) {
      int count = Math.min(perBlock, length - from);
      layer.values().read(row, kvHead, from, from + count, block);
      Matrices.transpose(block, count, size, columns);
      Arrays.fill(sums, 0);
      for (float[][] rows : weights) {
        Matrices.clear(moved, rows.length, count);
        Kernels.addProduct(rows, 0, columns, moved, rows.length, count);
        addAbsolute(moved, rows.length, count, sums);
      }
      for (int j = 0; j < count; j++) {
        norms[from + j] = sums[j] / group;
      }
    }
    return norms;
  }

  /** The columns of some query heads, {@code [heads * E][D]} in blocks of rows. */
  private float[][][] weights(int head, int heads) {
    int all = heads * outputs;
    float[][][] blocks = new float[(all + ROWS - 1) / ROWS][][];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = new float[Math.min(ROWS, all - i * ROWS)][size];
      for (int r = 0; r < blocks[i].length; r++) {
        int at = i * ROWS + r;
        projection.read(at % outputs * width + (head + at / outputs) * size, blocks[i][r], size);
      }
    }
    return blocks;
  }

  private static void addAbsolute(float[][] moved, int rows, int count, float[] sums) {
    for (int r = 0; r < rows; r++) {
      float[] output = moved[r];
      for (int j = 0; j < count; j++) {
        sums[j] += Math.abs(output[j]);
      }
    }
  }
}
