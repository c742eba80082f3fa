package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.ModelException;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Some of the largest are the first of all, in order. */
class LargestLogitsTest {
  private static int[] ordered(float[] values, int count) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(Comparator.comparing((Integer id) -> -(values[id] + 0f)).thenComparing(id -> id))
        .limit(count)
        .mapToInt(id -> id)
        .toArray();
  }

  @Test
  void findsTheFirstOfTheOrder() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      float[] values = new float[1 + random.nextInt(seed % 5 == 0 ? 700 : 40)];
      // Few different values, so that many are equal; both zeros and infinities among them.
      float[] kinds = {0f, -0f, 1, -1, 2.5f, -2.5f, Float.NEGATIVE_INFINITY, 1e30f, 3, 4, 5, 6};
      for (int v = 0; v < values.length; v++) {
        values[v] =
            seed % 2 == 0 ? kinds[random.nextInt(kinds.length)] : (float) random.nextGaussian();
      }
      Logits logits = TestLogits.rows(new float[values.length], values);
      for (int count : new int[] {1, 2, 3, 7, values.length / 3 + 1, values.length, 1000}) {
        assertThat(logits.largest(1, count))
            .as("seed %d, %d of %d", seed, count, values.length)
            .containsExactly(ordered(values, count));
      }
    }
  }

  @Test
  void refusesWhatIsNoNumber() {
    float[] values = new float[100];
    values[70] = Float.NaN;
    for (int count : new int[] {1, 100}) {
      assertThatThrownBy(() -> TestLogits.of(values).largest(0, count))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("the logit of token 70 is not a number");
    }
    assertThatThrownBy(() -> TestLogits.of(1).largest(0, 0)).hasMessageContaining("found 0");
  }
}
