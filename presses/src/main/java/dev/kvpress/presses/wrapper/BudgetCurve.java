package dev.kvpress.presses.wrapper;

import dev.kvpress.presses.ScorerPress;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerSignals;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How a budget is dealt out to the heads of one layer, for {@link LuKvPress}: by what was measured
 * for the model, evenly where nothing was. Counts are rounded so that their sum is the layer's.
 *
 * @param curve fraction removed from each head by percent of the whole removed, {@code [99, G]}
 */
record BudgetCurve(Optional<FloatTensor> curve) {
  private static final int PERCENTS = 99;

  /**
   * Reads the curve of a layer.
   *
   * @throws IllegalArgumentException if it was measured for another model
   */
  static BudgetCurve of(LayerSignals layer, String name) {
    return new BudgetCurve(
        layer.givenAuxiliary(name).map(given -> layer.auxiliary(name, PERCENTS, layer.kvHeads())));
  }

  /** Whether there is one. */
  boolean isMeasured() {
    return curve.isPresent();
  }

  /**
   * Tokens that each head keeps, {@code [G]}.
   *
   * @param asked fraction to be removed from each head, {@code [G]}
   */
  int[] shares(LayerSignals layer, int row, double[] asked) {
    int heads = layer.kvHeads();
    float[] ideal = new float[heads];
    int[] counts = new int[heads];
    double sum = 0;
    long most = 0;
    for (int g = 0; g < heads; g++) {
      int tokens = ScorerPress.countedTokens(layer, row, g);
      double removed = asked[g];
      if (curve.isPresent()) {
        int percent = Math.max(1, Math.min(PERCENTS, (int) Math.rint(removed * 100)));
        removed = curve.get().get((percent - 1) * heads + g);
      }
      // In float, as kvpress computes; a whole number must not fall short of itself.
      ideal[g] = (float) Math.max(0, Math.min(1, 1 - removed)) * tokens;
      counts[g] = (int) ideal[g];
      sum += ideal[g];
      most += tokens;
    }
    long left = Math.max(heads, Math.min(most, (long) Math.rint(sum)));
    for (int count : counts) {
      left -= count;
    }
    IntStream.range(0, heads)
        .boxed()
        .sorted(Comparator.comparingDouble(g -> counts[g] - (double) ideal[g]))
        .limit(Math.max(0, left))
        .forEach(g -> counts[g]++);
    for (int g = 0; g < heads; g++) {
      counts[g] = Math.max(1, counts[g]);
    }
    return counts;
  }
}
