package dev.kvpress.presses.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against one product at a time in double, at odd sizes. */
class ColumnsTest {
  @ParameterizedTest
  @CsvSource({"1,1", "1,7", "3,2", "4,8", "5,13", "6,64", "17,9", "129,65"})
  void dotsOfEachRow(int count, int size) {
    Random random = new Random(11);
    float[] rows = new float[3 + count * size];
    float[] vector = new float[2 + size];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) random.nextGaussian();
    }
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    Columns columns = new Columns(rows, 3, count, size);
    float[] dots = new float[count + 1];
    dots[count] = 5;
    columns.dots(vector, 2, dots);
    for (int r = 0; r < count; r++) {
      double dot = 0;
      for (int c = 0; c < size; c++) {
        dot += (double) rows[3 + r * size + c] * vector[2 + c];
      }
      assertThat((double) dots[r]).isCloseTo(dot, within(2e-6 * size));
    }
    assertThat(columns.count()).isEqualTo(count);
    assertThat(dots[count]).isEqualTo(5);
  }
}
