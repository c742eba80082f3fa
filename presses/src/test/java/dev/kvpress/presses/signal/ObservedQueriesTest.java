package dev.kvpress.presses.signal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvpress.presses.kernel.Workers;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObservedQueriesTest {
  private static final int B = 2;
  private static final int H = 3;
  private static final int D = 6;
  private static final int TOKENS = 333;
  private static final int SINKS = 5;
  private static final Signal.QueryMoments SIGNAL = new Signal.QueryMoments(SINKS, true);

  private final float[] all = queries();

  private static float[] queries() {
    Random random = new Random(3);
    float[] queries = new float[B * H * TOKENS * D];
    for (int i = 0; i < queries.length; i++) {
      // Far from zero, so that sums of squares alone would lose digits.
      queries[i] = (float) (10 + random.nextGaussian());
    }
    return queries;
  }

  /** Columns of the tokens {@code from..to} behind some padding of NaN. */
  private FloatTensor part(int from, int to, int padding) {
    int count = to - from + padding;
    float[] part = new float[B * H * count * D];
    for (int head = 0; head < B * H; head++) {
      java.util.Arrays.fill(part, head * count * D, (head * count + padding) * D, Float.NaN);
      System.arraycopy(
          all, (head * TOKENS + from) * D, part, (head * count + padding) * D, (to - from) * D);
    }
    return FloatTensor.of(part, B, H, count, D);
  }

  private ObservedQueries inChunks(int chunk, int padding) {
    LayerLedger ledger = LayerLedger.observing(Set.of(SIGNAL), B, H, 1);
    try (Workers workers = Workers.of(2)) {
      for (int from = 0; from < TOKENS; from += chunk) {
        int to = Math.min(TOKENS, from + chunk);
        ledger.append(to - from);
        ledger.observeQueries(part(from, to, padding), new int[] {to - from, to - from}, workers);
      }
    }
    return ledger.queries(SIGNAL).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 63, 64, 65, 200, TOKENS})
  void chunksDoNotShow(int chunk) {
    ObservedQueries whole = inChunks(TOKENS, 0);
    ObservedQueries chunked = inChunks(chunk, chunk % 3);
    for (int b = 0; b < B; b++) {
      for (int h = 0; h < H; h++) {
        assertThat(chunked.moments(b, h).mean()).isEqualTo(whole.moments(b, h).mean());
        assertThat(chunked.moments(b, h).covariance()).isEqualTo(whole.moments(b, h).covariance());
      }
    }
  }

  @Test
  void theyAreThePlainMomentsWithoutSinks() {
    ObservedQueries observed = inChunks(50, 1);
    for (int head = 0; head < B * H; head++) {
      double[] mean = new double[D];
      for (int t = SINKS; t < TOKENS; t++) {
        for (int c = 0; c < D; c++) {
          mean[c] += (double) all[(head * TOKENS + t) * D + c] / (TOKENS - SINKS);
        }
      }
      double[] covariance = new double[D * D];
      for (int t = SINKS; t < TOKENS; t++) {
        for (int i = 0; i < D * D; i++) {
          double left = all[(head * TOKENS + t) * D + i / D] - mean[i / D];
          double right = all[(head * TOKENS + t) * D + i % D] - mean[i % D];
          covariance[i] += left * right / (TOKENS - SINKS);
        }
      }
      RunningMoments found = observed.moments(head / H, head % H);
      assertThat(found.mean()).containsExactly(mean, within(1e-10));
      assertThat(found.covariance()).containsExactly(covariance, within(1e-10));
    }
  }

  @Test
  void paddingAndRowsOfDifferentLengthAreCountedApart() {
    ObservedQueries observed =
        ObservedQueries.of(SIGNAL, part(0, 100, 0), new int[] {100, 40}, Workers.CALLER);
    ObservedQueries shorter =
        ObservedQueries.of(SIGNAL, part(60, 100, 3), new int[] {40, 40}, Workers.CALLER);
    assertThat(observed.passed(1)).isEqualTo(40);
    assertThat(observed.moments(1, 2).mean()).isEqualTo(shorter.moments(1, 2).mean());
    assertThat(observed.moments(0, 2).mean()).isNotEqualTo(shorter.moments(0, 2).mean());
  }

  @Test
  void queriesWithoutTheirBeginningCountFromWhereTheyStand() {
    ObservedQueries last =
        ObservedQueries.of(SIGNAL, part(90, 100, 0), new int[] {100, 100}, Workers.CALLER);
    double mean = 0;
    for (int t = 90; t < 100; t++) {
      mean += all[t * D] / 10.0;
    }
    assertThat(last.moments(0, 0).mean()[0]).isCloseTo(mean, within(1e-6));
  }

  @Test
  void whereOnlySinksHavePassedTheLastOfThemCounts() {
    ObservedQueries observed =
        ObservedQueries.of(SIGNAL, part(0, 3, 0), new int[] {3, 3}, Workers.CALLER);
    assertThat(observed.moments(0, 0).mean()[1]).isEqualTo(all[2 * D + 1]);
    observed.add(part(3, 6, 0), new int[] {3, 3}, Workers.CALLER);
    assertThat(observed.moments(0, 0).mean()[1]).isEqualTo(all[5 * D + 1]);
  }

  @Test
  void forksGoOnAlone() {
    ObservedQueries one =
        ObservedQueries.of(SIGNAL, part(0, 100, 0), new int[] {100, 100}, Workers.CALLER);
    double[] before = one.moments(0, 0).mean();
    ObservedQueries other = one.fork();
    other.add(part(100, 200, 0), new int[] {100, 100}, Workers.CALLER);
    assertThat(one.moments(0, 0).mean()).isEqualTo(before);
    one.add(part(100, 200, 0), new int[] {100, 100}, Workers.CALLER);
    assertThat(one.moments(0, 0).mean()).isEqualTo(other.moments(0, 0).mean());
    assertThat(one.moments(1, 1).covariance()).isEqualTo(other.moments(1, 1).covariance());
  }

  @Test
  void nothingIsSaidBeforeTheFirstQuery() {
    ObservedQueries none = new ObservedQueries(SIGNAL, 1, 1);
    assertThatThrownBy(() -> none.moments(0, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no query has passed");
  }
}
