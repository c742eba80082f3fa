package dev.kvpress.compare.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.compare.metric.PairedBootstrap.Interval;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PairedBootstrapTest {
  private static final double NORMAL_975 = 1.959964;

  /** The normal interval of a mean of many values: mean ± 1.96 · s / √n. */
  @Test
  void isTheNormalIntervalOfAMeanOfManySamples() {
    int n = 2_000;
    Random random = new Random(7);
    Pairs.Builder pairs = Pairs.builder();
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      // What a sample has of its own is on both sides and must cancel.
      double hardness = 50 * random.nextDouble();
      double gain = 0.3 + random.nextGaussian();
      pairs.add(hardness + gain, 1, hardness, 1);
      sum += gain;
      squares += gain * gain;
    }
    double mean = sum / n;
    double half = NORMAL_975 * Math.sqrt((squares / n - mean * mean) / n);
    Interval interval = PairedBootstrap.difference(pairs.build(), 1).orElseThrow();
    assertThat(interval.delta()).isCloseTo(mean, within(1e-10));
    assertThat(interval.low()).isCloseTo(mean - half, within(0.06 * half));
    assertThat(interval.high()).isCloseTo(mean + half, within(0.06 * half));
    assertThat(interval.samples()).isEqualTo(n);
    assertThat(interval.resamples()).isEqualTo(10_000);
    assertThat(interval.excludesZero()).isTrue();
  }

  /** The delta method for a ratio: variance of (sum - ratio · weight) over n and squared weight. */
  @Test
  void weighsSamplesAsARatioOfTotals() {
    int n = 1_500;
    Random random = new Random(3);
    Pairs.Builder pairs = Pairs.builder();
    double[] sums = new double[n];
    double[] weights = new double[n];
    double sum = 0;
    double weight = 0;
    for (int i = 0; i < n; i++) {
      weights[i] = 1 + random.nextInt(40);
      sums[i] = weights[i] * 2 + 3 * random.nextGaussian() * weights[i];
      sum += sums[i];
      weight += weights[i];
      pairs.add(sums[i], weights[i], 0, weights[i]);
    }
    double ratio = sum / weight;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      squares += Math.pow(sums[i] - ratio * weights[i], 2);
    }
    double half = NORMAL_975 * Math.sqrt(squares) / weight;
    Interval interval = PairedBootstrap.difference(pairs.build(), 11).orElseThrow();
    assertThat(interval.delta()).isCloseTo(ratio, within(1e-10));
    assertThat(interval.low()).isCloseTo(ratio - half, within(0.06 * half));
    assertThat(interval.high()).isCloseTo(ratio + half, within(0.06 * half));
  }

  @Test
  void aPerplexityIsTheExponentialOfTheRatio() {
    Pairs pairs = Pairs.builder().add(20, 10, 10, 10).add(20, 10, 10, 10).build();
    Interval interval = PairedBootstrap.difference(pairs, Math::exp, 5).orElseThrow();
    assertThat(interval.delta()).isCloseTo(Math.exp(2) - Math.E, within(1e-12));
    assertThat(interval.low()).isCloseTo(interval.delta(), within(1e-12));
  }

  @Test
  void equalFiguresDifferByExactlyNothing() {
    Pairs.Builder pairs = Pairs.builder();
    for (int i = 0; i < 37; i++) {
      pairs.add(i * 0.1, 3 + i, i * 0.1, 3 + i);
    }
    Interval interval = PairedBootstrap.difference(pairs.build(), 1).orElseThrow();
    assertThat(interval.low()).isZero();
    assertThat(interval.high()).isZero();
    assertThat(interval.excludesZero()).isFalse();
  }

  @Test
  void oneSampleSaysNothingOfHowSureItIs() {
    assertThat(PairedBootstrap.difference(Pairs.builder().build(), 1)).isEmpty();
    Pairs one = Pairs.builder().add(1, 1, 0, 1).add(5, 0, 0, 1).build();
    assertThat(one.count()).isEqualTo(1);
    assertThat(one.delta(x -> x)).isEqualTo(1);
    assertThat(PairedBootstrap.difference(one, 1)).isEmpty();
  }

  @Test
  void drawsThatLeaveTheRangeOfNumbersGiveNoInterval() {
    Pairs hard = Pairs.builder().add(900, 1, 1, 1).add(300, 1, 1, 1).build();
    assertThat(PairedBootstrap.difference(hard, Math::exp, 1)).isEmpty();
    assertThat(PairedBootstrap.difference(hard, 1)).isPresent();
    Pairs both = Pairs.builder().add(900, 1, 900, 1).add(800, 1, 800, 1).build();
    assertThat(PairedBootstrap.difference(both, Math::exp, 1)).isEmpty();
  }

  @Test
  void theSeedDecidesTheDraws() {
    Pairs.Builder builder = Pairs.builder();
    Random random = new Random(1);
    for (int i = 0; i < 30; i++) {
      builder.add(random.nextGaussian(), 1, 0, 1);
    }
    Pairs pairs = builder.build();
    assertThat(PairedBootstrap.difference(pairs, 4))
        .isEqualTo(PairedBootstrap.difference(pairs, 4));
    assertThat(PairedBootstrap.difference(pairs, 4))
        .isNotEqualTo(PairedBootstrap.difference(pairs, 5));
  }

  @Test
  void drawsLessWhereSamplesAreMany() {
    Pairs.Builder builder = Pairs.builder();
    for (int i = 0; i < 25_000; i++) {
      builder.add(i & 1, 1, 0, 1);
    }
    Interval interval = PairedBootstrap.difference(builder.build(), 4).orElseThrow();
    assertThat(interval.resamples()).isEqualTo(1_000);
    assertThat(interval.delta()).isEqualTo(0.5);
  }

  @Test
  void refusesFiguresThatAreNoNumbers() {
    assertThatThrownBy(() -> Pairs.builder().add(Double.NaN, 1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found NaN");
    assertThatThrownBy(() -> Pairs.builder().add(0, -1, 0, 1)).hasMessageContaining("found -1");
  }
}
