package dev.kvpress.presses.scorer;

import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;

/** Leverage of keys before rotation: how far each is from what the others span. */
final class Leverage {
  // kvpress's ridge; keeps the system solvable where a head has fewer tokens than directions.
  private static final double RIDGE = 0.01;

  private Leverage() {}

  /**
   * {@code diag(X (X'X + ridge)^-1 X')} of the centred keys projected onto random directions,
   * standardised.
   *
   * <p>Keys are rotated back, unless the signals hold {@code keys_pre_rope} {@code [B, G, S, D]}.
   *
   * @param directions number of random directions
   * @param seed where they start, unless the layer's signals hold a {@code random_sketch}
   * @param from first slot that is scored
   * @param tail last slots that are not scored
   * @return {@code [G][S - from - tail]}
   */
  static double[][] of(LayerSignals layer, int row, int directions, long seed, int from, int tail) {
    double[][] heads = new double[layer.kvHeads()][];
    for (int g = 0; g < heads.length; g++) {
      int count = Math.max(0, layer.length(row, g) - tail - from);
      double[][] projected = projected(layer, row, g, directions, seed, from, count);
      double[][] lower = cholesky(projected, directions);
      heads[g] = new double[count];
      for (int j = 0; j < count; j++) {
        heads[g][j] = Cholesky.squaredSolution(lower, projected[j], 0);
      }
    }
    return Standardised.over(heads);
  }

  private static double[][] projected(
      LayerSignals layer, int row, int kvHead, int directions, long seed, int from, int count) {
    HeadVectors keys = layer.keys();
    int size = keys.size();
    Optional<FloatTensor> preRope = layer.givenAuxiliary("keys_pre_rope");
    double[][] unrotated = new double[count][];
    double[] mean = new double[size];
    float[] key = new float[size];
    for (int j = 0; j < count; j++) {
      int position = layer.position(row, kvHead, from + j);
      if (preRope.isPresent()) {
        FloatTensor given = preRope.get();
        given.read(((row * layer.kvHeads() + kvHead) * given.size(2) + position) * size, key, size);
        unrotated[j] = widen(key);
      } else {
        keys.read(row, kvHead, from + j, key);
        unrotated[j] = widen(key);
        layer.rotary().unrotate(unrotated[j], position);
      }
      for (int c = 0; c < size; c++) {
        mean[c] += unrotated[j][c] / count;
      }
    }
    double[] sketch = sketch(layer, row, kvHead, size, directions, seed);
    double[][] projected = new double[count][directions];
    for (int j = 0; j < count; j++) {
      for (int c = 0; c < size; c++) {
        double centred = unrotated[j][c] - mean[c];
        for (int k = 0; k < directions; k++) {
          projected[j][k] += centred * sketch[c * directions + k];
        }
      }
    }
    return projected;
  }

  private static double[] widen(float[] key) {
    double[] wide = new double[key.length];
    Arrays.setAll(wide, c -> key[c]);
    return wide;
  }

  /** {@code [D, k]}, normal numbers over the root of k. */
  private static double[] sketch(
      LayerSignals layer, int row, int kvHead, int size, int directions, long seed) {
    double[] sketch = new double[size * directions];
    double root = Math.sqrt(directions);
    Optional<FloatTensor> given = layer.givenAuxiliary("random_sketch");
    if (given.isPresent()) {
      int[] expected = {layer.batch(), layer.kvHeads(), size, directions};
      if (!Arrays.equals(given.get().shape(), expected)) {
        throw new IllegalArgumentException(
            "random_sketch must have the shape %s (batch, KV heads, head size, sketch_dimension), found %s"
                .formatted(Arrays.toString(expected), Arrays.toString(given.get().shape())));
      }
      int start = (row * layer.kvHeads() + kvHead) * sketch.length;
      Arrays.setAll(sketch, i -> given.get().get(start + i) / root);
      return sketch;
    }
    Random random = new Random(seed * 31 + layer.layer() * 1009L + kvHead);
    Arrays.setAll(sketch, i -> random.nextGaussian() / root);
    return sketch;
  }

  /** The lower factor of {@code X'X + ridge}. */
  private static double[][] cholesky(double[][] x, int size) {
    double[][] gram = new double[size][size];
    for (double[] row : x) {
      for (int i = 0; i < size; i++) {
        for (int k = 0; k <= i; k++) {
          gram[i][k] += row[i] * row[k];
        }
      }
    }
    for (int i = 0; i < size; i++) {
      gram[i][i] += RIDGE;
    }
    return Cholesky.factor(gram);
  }
}
