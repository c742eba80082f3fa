package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.TurnTable;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/**
 * The keys of one head before rotation, less their mean, projected onto random directions; for
 * {@link Leverage}, in double.
 */
final class KeySketch {
  /** Tokens worked on at once. */
  static final int BLOCK = 64;

  private final LayerSignals layer;
  private final int row;
  private final int kvHead;
  private final int first;
  private final int count;
  private final int size;
  private final int directions;

  /**
   * Names the keys.
   *
   * @param first first slot
   * @param count slots
   * @param directions k, random directions
   */
  KeySketch(LayerSignals layer, int row, int kvHead, int first, int count, int directions) {
    this.layer = layer;
    this.row = row;
    this.kvHead = kvHead;
    this.first = first;
    this.count = count;
    this.directions = directions;
    size = layer.keys().size();
  }

  /**
   * The projected keys, {@code [count][k]}.
   *
   * @param turns takes the rotation back, unless the signals hold {@code keys_pre_rope} {@code [B,
   *     G, S, D]}
   * @param seed where the directions start, unless the signals hold a {@code random_sketch}
   */
  double[][] projected(TurnTable turns, long seed) {
    double[][] sketch = sketch(seed);
    double[][] projected = new double[count][directions];
    double[][] block = new double[BLOCK][size];
    double[] mean = new double[size];
    for (int from = 0; from < count; from += BLOCK) {
      int rows = Math.min(BLOCK, count - from);
      read(from, rows, block, turns);
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < size; c++) {
          mean[c] += block[r][c];
        }
      }
      double[][] into = Arrays.copyOfRange(projected, from, from + rows);
      Kernels.addProduct(block, 0, sketch, into, rows, directions);
    }
    // The projection of the mean is taken off instead of the mean: one pass over the keys.
    double[][] centre = new double[1][directions];
    for (int c = 0; c < size; c++) {
      mean[c] /= -count;
    }
    Kernels.addProduct(new double[][] {mean}, 0, sketch, centre, 1, directions);
    for (double[] token : projected) {
      for (int k = 0; k < directions; k++) {
        token[k] += centre[0][k];
      }
    }
    return projected;
  }

  private void read(int from, int rows, double[][] into, TurnTable turns) {
    HeadVectors keys = layer.keys();
    Optional<FloatTensor> preRope = layer.givenAuxiliary("keys_pre_rope");
    float[] key = new float[size];
    for (int r = 0; r < rows; r++) {
      int slot = first + from + r;
      int position = layer.position(row, kvHead, slot);
      if (preRope.isPresent()) {
        FloatTensor given = preRope.get();
        given.read(((row * layer.kvHeads() + kvHead) * given.size(2) + position) * size, key, size);
      } else {
        keys.read(row, kvHead, slot, key);
      }
      for (int c = 0; c < size; c++) {
        into[r][c] = key[c];
      }
      if (preRope.isEmpty()) {
        turns.unrotate(into[r], position);
      }
    }
  }

  /** {@code [D][k]}, normal numbers over the root of k. */
  private double[][] sketch(long seed) {
    double[][] sketch = new double[size][directions];
    double root = Math.sqrt(directions);
    Optional<FloatTensor> given = layer.givenAuxiliary("random_sketch");
    Random random = new Random(seed * 31 + layer.layer() * 1009L + kvHead);
    given.ifPresent(this::requireShape);
    int at = (row * layer.kvHeads() + kvHead) * size * directions;
    for (double[] channel : sketch) {
      for (int k = 0; k < directions; k++) {
        channel[k] = (given.isPresent() ? given.get().get(at++) : random.nextGaussian()) / root;
      }
    }
    return sketch;
  }

  private void requireShape(FloatTensor given) {
    int[] expected = {layer.batch(), layer.kvHeads(), size, directions};
    if (!Arrays.equals(given.shape(), expected)) {
      throw new IllegalArgumentException(
          "random_sketch must have the shape %s (batch, KV heads, head size, sketch_dimension), found %s"
              .formatted(Arrays.toString(expected), Arrays.toString(given.shape())));
    }
  }
}
