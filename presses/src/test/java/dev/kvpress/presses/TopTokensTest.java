package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopTokensTest {
  private static final float[] SPECIAL = {
    0f, -0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MIN_VALUE, -Float.MAX_VALUE, 1f
  };

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 31, 32, 33, 207, 1000, 4098})
  void agreesWithASort(int n) {
    Random random = new Random(n);
    for (int round = 0; round < 6; round++) {
      float[] scores = new float[n];
      boolean[] marked = new boolean[n];
      for (int i = 0; i < n; i++) {
        scores[i] =
            switch (round) {
              case 0, 1 -> (float) random.nextGaussian();
              case 2 -> random.nextInt(3);
              case 3 -> SPECIAL[random.nextInt(SPECIAL.length)];
              case 4 -> i;
              default -> -i;
            };
        marked[i] = round % 2 == 1 && random.nextInt(4) == 0;
      }
      for (int count : new int[] {0, 1, n / 3, n / 2, n - 1, n}) {
        assertThat(TopTokens.select(scores, marked, count))
            .as("n %d, round %d, count %d", n, round, count)
            .isEqualTo(bySorting(scores, marked, count));
      }
    }
  }

  @Test
  void keepsTheLaterOfPositiveAndNegativeZero() {
    assertThat(TopTokens.select(new float[] {0f, -0f, -1f}, null, 1)).containsExactly(1);
  }

  private static int[] bySorting(float[] scores, boolean[] marked, int count) {
    Comparator<Integer> order =
        Comparator.comparing((Integer i) -> marked[i])
            .thenComparing(i -> marked[i] ? 0f : scores[i] + 0f)
            .thenComparing(Comparator.naturalOrder());
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(order.reversed())
        .limit(count)
        .mapToInt(i -> i)
        .sorted()
        .toArray();
  }

  @Test
  void scoresThatDifferByRoundingTieAtTheCut() {
    float[] scores = {-1f, -2.0000002f, -2f, -1.9999998f, -2.1f, -1.5f};

    assertThat(TopTokens.select(scores, null, 3, 0)).containsExactly(0, 3, 5);
    assertThat(TopTokens.select(scores, null, 4, 2e-6f)).containsExactly(0, 2, 3, 5);
    // Of the three that tie the later two stay, although the first is not the lowest.
    float[] earlierHigher = {-1.9999998f, -2f, -2.0000002f, -3f};
    assertThat(TopTokens.select(earlierHigher, null, 2, 2e-6f)).containsExactly(1, 2);
    assertThat(TopTokens.select(earlierHigher, null, 2, 0)).containsExactly(0, 1);
    boolean[] marks = {true, false, false, false};
    assertThat(TopTokens.select(earlierHigher, marks, 2, 2e-6f)).containsExactly(0, 2);
  }
}
