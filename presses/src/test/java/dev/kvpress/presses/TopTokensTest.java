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
}
