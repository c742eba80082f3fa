package dev.kvpress.presses.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against one number at a time in double, at odd sizes. */
class RowsTest {
  private static float[] numbers(int count, int seed) {
    Random random = new Random(seed);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,7", "3,2", "4,8", "5,13", "6,64", "17,9", "128,65"})
  void dotsAndWeightedSums(int count, int size) {
    float[] rows = numbers(count * size, 1);
    float[] vector = numbers(size, 2);
    float[] weights = numbers(count, 3);
    float[] dots = new float[count];
    Rows.dots(rows, count, size, vector, dots);
    float[] sums = new float[size];
    Rows.addWeighted(rows, count, size, weights, sums);
    for (int r = 0; r < count; r++) {
      double dot = 0;
      for (int c = 0; c < size; c++) {
        dot += (double) rows[r * size + c] * vector[c];
      }
      assertThat((double) dots[r]).isCloseTo(dot, within(1e-6 * size));
    }
    for (int c = 0; c < size; c++) {
      double sum = 0;
      for (int r = 0; r < count; r++) {
        sum += (double) rows[r * size + c] * weights[r];
      }
      assertThat((double) sums[c]).isCloseTo(sum, within(1e-6 * count));
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,7", "3,2", "4,8", "5,13", "6,64", "17,9", "128,65"})
  void rangesAndDeviations(int count, int size) {
    float[] rows = numbers(count * size, 4);
    float[] min = new float[size];
    float[] max = new float[size];
    Rows.ranges(rows, count, size, min, max);
    float[] factor = numbers(size, 5);
    double[] deviations = new double[count];
    Rows.deviations(rows, count, size, min, factor, deviations);
    for (int c = 0; c < size; c++) {
      float least = Float.POSITIVE_INFINITY;
      float most = Float.NEGATIVE_INFINITY;
      for (int r = 0; r < count; r++) {
        least = Math.min(least, rows[r * size + c]);
        most = Math.max(most, rows[r * size + c]);
      }
      assertThat(min[c]).isEqualTo(least);
      assertThat(max[c]).isEqualTo(most);
    }
    for (int r = 0; r < count; r++) {
      double mean = 0;
      for (int c = 0; c < size; c++) {
        mean += ((double) rows[r * size + c] - min[c]) * factor[c] / size;
      }
      double squares = 0;
      for (int c = 0; c < size; c++) {
        double off = ((double) rows[r * size + c] - min[c]) * factor[c] - mean;
        squares += off * off;
      }
      double expected = size == 1 ? 0 : Math.sqrt(squares / (size - 1));
      assertThat(deviations[r]).isCloseTo(expected, within(1e-5 * (1 + expected)));
    }
  }
}
