package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.presses.kernel.Matrices;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.TurnTable;
import java.util.Arrays;

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
    TurnTable turns =
        layer.givenAuxiliary("keys_pre_rope").isPresent()
            ? TurnTable.none()
            : TurnTable.upTo(layer.rotary(), layer.tokensSeen(row));
    double[][] heads = new double[layer.kvHeads()][];
    layer
        .workers()
        .forEach(
            heads.length,
            g -> {
              int count = Math.max(0, layer.length(row, g) - tail - from);
              KeySketch keys = new KeySketch(layer, row, g, from, count, directions);
              heads[g] = leverage(keys.projected(turns, seed), directions);
            });
    return Standardised.over(heads);
  }

  private static double[] leverage(double[][] x, int size) {
    double[][] gram = new double[size][size];
    double[][] columns = new double[size][KeySketch.BLOCK];
    for (int from = 0; from < x.length; from += KeySketch.BLOCK) {
      double[][] block = block(x, from);
      Matrices.transpose(block, block.length, size, columns);
      Kernels.addProduct(columns, 0, block, gram, size, size);
    }
    for (int i = 0; i < size; i++) {
      gram[i][i] += RIDGE;
    }
    Cholesky factor = Cholesky.of(gram);
    double[] leverage = new double[x.length];
    for (int from = 0; from < x.length; from += KeySketch.BLOCK) {
      double[][] block = block(x, from);
      Matrices.transpose(block, block.length, size, columns);
      factor.addSquaredSolutions(columns, block.length, leverage, from);
    }
    return leverage;
  }

  private static double[][] block(double[][] x, int from) {
    return Arrays.copyOfRange(x, from, Math.min(x.length, from + KeySketch.BLOCK));
  }
}
