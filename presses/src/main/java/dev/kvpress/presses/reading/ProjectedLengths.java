package dev.kvpress.presses.reading;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;

/**
 * How much each cached value moves the output of its layer through one query head: {@code ‖Wo_h
 * V_j‖}, as the root of the quadratic form {@code V_j' (Wo_h' Wo_h) V_j}, which takes D² steps a
 * token where the product itself takes D · E.
 */
final class ProjectedLengths {
  private final LayerSignals layer;
  private final FloatTensor projection;
  private final int size;
  private final int outputs;
  private final int width;

  ProjectedLengths(LayerSignals layer) {
    this.layer = layer;
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

  /** Those of the slots {@code from..to} of the KV head that a query head reads. */
  float[] of(int queryHead, int from, int to) {
    double[][] form = form(queryHead);
    int tokens = to - from;
    float[] lengths = new float[tokens];
    int perBlock = Math.min(tokens, Vectors.tokensPerBlock(size));
    float[] block = new float[perBlock * size];
    double[][] columns = new double[size][perBlock];
    double[][] moved = new double[size][perBlock];
    for (int first = 0; first < tokens; first += perBlock) {
      int count = Math.min(perBlock, tokens - first);
      int slot = from + first;
      layer.values().read(0, queryHead / layer.groupSize(), slot, slot + count, block);
      Matrices.transpose(block, count, size, columns);
      Matrices.clear(moved, size, count);
      Kernels.addProduct(form, 0, columns, moved, size, count);
      for (int j = 0; j < count; j++) {
        double squared = 0;
        for (int c = 0; c < size; c++) {
          squared += columns[c][j] * moved[c][j];
        }
        // Rounding may leave a trace below zero; NaN must pass.
        lengths[first + j] = squared < 0 ? 0 : (float) Math.sqrt(squared);
      }
    }
    return lengths;
  }

  /** {@code Wo_h' Wo_h}, {@code [D][D]}. */
  private double[][] form(int queryHead) {
    double[][] rows = new double[outputs][size];
    double[][] columns = new double[size][outputs];
    float[] row = new float[size];
    for (int e = 0; e < outputs; e++) {
      projection.read(e * width + queryHead * size, row, size);
      for (int c = 0; c < size; c++) {
        rows[e][c] = row[c];
        columns[c][e] = row[c];
      }
    }
    double[][] form = new double[size][size];
    Kernels.addProduct(columns, 0, rows, form, size, size);
    return form;
  }
}
