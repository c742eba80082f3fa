package dev.kvpress.presses.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ExponentialTest {
  @Test
  void staysWithinOneUnitInTheLastPlace() {
    Random random = new Random(5);
    double worst = 0;
    for (int i = 0; i < 2_000_000; i++) {
      float x = Exponential.LOWEST + random.nextFloat() * (88 - Exponential.LOWEST);
      x = i % 4 == 0 ? random.nextFloat() - 0.5f : x;
      double exact = Math.exp(x);
      worst = Math.max(worst, Math.abs(Exponential.of(x) - exact) / Math.ulp((float) exact));
    }
    assertThat(worst).isLessThan(1);
  }

  @Test
  void endsOfTheRange() {
    assertThat(Exponential.of(0)).isEqualTo(1);
    assertThat(Exponential.of(-0f)).isEqualTo(1);
    assertThat(Exponential.of(Float.MIN_VALUE)).isEqualTo(1);
    assertThat(Exponential.of(Exponential.LOWEST)).isGreaterThanOrEqualTo(Float.MIN_NORMAL);
    assertThat(Exponential.of(Math.nextDown(Exponential.LOWEST))).isZero();
    assertThat(Exponential.of(-1e30f)).isZero();
    assertThat(Exponential.of(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(Exponential.of(Exponential.HIGHEST)).isFinite();
    assertThat(Exponential.of(Math.nextUp(Exponential.HIGHEST))).isInfinite();
    assertThat(Exponential.of(1e30f)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(Exponential.of(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    for (int payload = 0x7fc00000; payload < 0x7fc00000 + 1000; payload++) {
      assertThat(Exponential.of(Float.intBitsToFloat(payload))).isNaN();
    }
  }
}
