package dev.kvpress.presses.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorsTest {
  private static float[] numbers(int count, long seed) {
    Random random = new Random(seed);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 33, 64, 65})
  void dotsAndSums(int size) {
    float[] a = numbers(5 + size, 1);
    float[] b = numbers(3 + size, 2);
    double dot = 0;
    double sum = 0;
    for (int i = 0; i < size; i++) {
      dot += (double) a[5 + i] * b[3 + i];
      sum += b[i];
    }
    assertThat((double) Vectors.dot(a, 5, b, 3, size)).isCloseTo(dot, within(1e-6 * (1 + size)));
    assertThat((double) Vectors.sum(b, size)).isCloseTo(sum, within(1e-6 * (1 + size)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7, 8, 17, 33})
  void theLargestIsFoundWhereverItStands(int size) {
    assertThat(Vectors.max(new float[] {1}, 0, 0)).isEqualTo(Float.NEGATIVE_INFINITY);
    for (int at = 0; at < size; at++) {
      float[] a = new float[size + 1];
      Arrays.fill(a, -3);
      a[size] = 7;
      a[at] = 2;
      assertThat(Vectors.max(a, 0, size)).isEqualTo(2);
      a[at] = Float.NaN;
      assertThat(Vectors.max(a, 0, size)).isNaN();
    }
  }
}
