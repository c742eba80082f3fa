package dev.kvpress.recipe.auxiliary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The curve of heads whose losses are known. */
class BudgetCurveTest {
  private static double loss(double[] removed) {
    // Head 0 is not needed, head 1 a little, head 2 much.
    return Math.pow(removed[1], 2) + 20 * Math.pow(removed[2], 2);
  }

  private static double[] losses(List<double[]> caches) {
    return caches.stream().mapToDouble(BudgetCurveTest::loss).toArray();
  }

  @Test
  void everyRowRemovesItsPercentAndHeadsNeverGetTokensBack() {
    double[][] curve = new BudgetCurve(3, BudgetCurveTest::losses).measure();
    assertThat(curve).hasDimensions(99, 3);
    for (int row = 0; row < curve.length; row++) {
      assertThat(Arrays.stream(curve[row]).average().orElse(0))
          .isCloseTo((row + 1) / 100.0, within(1e-9));
      for (int h = 0; h < 3 && row > 0; h++) {
        assertThat(curve[row][h]).isGreaterThanOrEqualTo(curve[row - 1][h]);
      }
    }
  }

  @Test
  void headsThatAreNotNeededGoFirst() {
    double[][] curve = new BudgetCurve(3, BudgetCurveTest::losses).measure();
    assertThat(curve[32]).containsExactly(new double[] {0.99, 0, 0}, within(1e-9));
    assertThat(curve[65][0]).isEqualTo(1);
    assertThat(curve[65][1]).isGreaterThan(5 * curve[65][2]);
  }
}
