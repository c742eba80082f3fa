package dev.kvpress.runtime.export.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Slopes of ALiBi, as the original code has them. */
class AlibiTest {

  @Test
  void aPowerOfTwoGivesOneGeometricRow() {
    assertThat(Alibi.afterSmaller(8)).isEqualTo(Alibi.ofLarger(8, 8));
    assertThat(Alibi.afterSmaller(8))
        .containsExactly(
            0.5f, 0.25f, 0.125f, 0.0625f, 0.03125f, 0.015625f, 0.0078125f, 0.00390625f);
    assertThat(Alibi.afterSmaller(1)).containsExactly(1 / 256f);
    assertThat(Alibi.ofLarger(1, 8)).containsExactly(1 / 256f);
  }

  @Test
  void bloomFillsUpFromTheRowForTwiceTheSmallerPower() {
    assertThat(Alibi.afterSmaller(3)).containsExactly(1 / 16f, 1 / 256f, 1 / 4f);
    assertThat(Alibi.afterSmaller(6))
        .containsExactly(1 / 4f, 1 / 16f, 1 / 64f, 1 / 256f, 1 / 2f, 1 / 8f);
  }

  @Test
  void mptTakesEveryOtherSlopeOfTheLargerPowerFirst() {
    assertThat(Alibi.ofLarger(3, 8)).containsExactly(1 / 16f, 1 / 256f, 1 / 4f);
    assertThat(Alibi.ofLarger(6, 8))
        .containsExactly(1 / 4f, 1 / 16f, 1 / 64f, 1 / 256f, 1 / 2f, 1 / 8f);
    assertThat(Alibi.ofLarger(5, 8)).containsExactly(1 / 4f, 1 / 16f, 1 / 64f, 1 / 256f, 1 / 2f);
  }

  @Test
  void falconsSlopesHaveEightBits() {
    List<Float> slopes = Alibi.afterSmaller(16);
    assertThat(slopes.get(0)).isCloseTo((float) Math.sqrt(0.5), within(1e-7f));
    // 0.70710678 lies between 0.70703125 and 0.7109375.
    assertThat(Alibi.rounded(slopes).get(0)).isEqualTo(0.70703125f);
    assertThat(Alibi.rounded(List.of(1 + 1 / 256f, 1 + 3 / 256f)))
        .as("to even where two are equally near")
        .containsExactly(1f, 1 + 4 / 256f);
  }
}
