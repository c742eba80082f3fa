package dev.kvpress.presses.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both implementations against each other, bit by bit, and against sums in double. */
class KernelSetsTest {
  // A float that appears in no input: what it stands in must not be written over.
  private static final float UNTOUCHED = -12345.5f;
  private static final float[] ODD = {
    0f,
    -0f,
    1f,
    -1f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    1e-30f,
    88f,
    -87.5f
  };

  private final KernelSet plain = new PlainKernels();
  private static KernelSet vector = new PlainKernels();

  @BeforeAll
  static void loadVectorKernels() {
    // The build starts tests with the module; without it there is nothing to compare.
    vector = KernelChoice.vectorKernels();
    assertThat(vector).isNotInstanceOf(PlainKernels.class);
  }

  static IntStream sizes() {
    return IntStream.of(
        0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 63, 64, 65, 100, 129);
  }

  private static float[] numbers(int count, long seed) {
    Random random = new Random(seed);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  private static float[] oddNumbers(int count, long seed) {
    Random random = new Random(seed);
    float[] numbers = numbers(count, seed);
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextInt(4) == 0 ? ODD[random.nextInt(ODD.length)] : numbers[i];
    }
    return numbers;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 8, 11, 13, 16, 23})
  void productsAgree(int rows) {
    for (int inner : new int[] {0, 1, 2, 7, 64}) {
      for (int columns : sizes().toArray()) {
        for (int from : new int[] {0, 3}) {
          requireSameFloats(rows, inner, columns, from, 10L + columns);
          requireSameDoubles(rows, inner, columns, from, 20L + columns);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void maximaAgree(int count) {
    for (long seed = 0; seed < 40; seed++) {
      float[] some = oddNumbers(count + 1, seed);
      float[] finite = numbers(count + 1, seed);
      finite[count] = 1e30f;
      float[] zeros = new float[count + 1];
      for (int i = 0; i < count; i++) {
        zeros[i] = (seed + i) % 3 == 0 && seed > 2 ? 0f : -0f;
      }
      for (float[] numbers : List.of(some, finite, zeros)) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
          largest = Math.max(largest, numbers[i]);
        }
        assertThat(new float[] {plain.max(numbers, count), vector.max(numbers, count)})
            .containsExactly(new float[] {largest, largest});
      }
    }
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void exponentialsAgree(int count) {
    for (long seed = 0; seed < 40; seed++) {
      float[] numbers = seed % 2 == 0 ? numbers(count + 1, seed) : oddNumbers(count + 1, seed);
      for (int i = 0; seed % 4 == 2 && i < count; i++) {
        numbers[i] *= 60;
      }
      float less = seed % 3 == 0 ? 0 : 0.75f * seed;
      numbers[count] = UNTOUCHED;
      float[] viaPlain = numbers.clone();
      float[] viaVector = numbers.clone();
      plain.exponentials(viaPlain, count, less);
      vector.exponentials(viaVector, count, less);
      assertThat(viaVector).containsExactly(viaPlain);
      assertThat(viaPlain[count]).isEqualTo(UNTOUCHED);
      float[] expected = numbers.clone();
      for (int i = 0; i < count; i++) {
        expected[i] = Exponential.of(numbers[i] - less);
      }
      assertThat(viaPlain).containsExactly(expected);
    }
  }

  private void requireSameFloats(int rows, int inner, int columns, int from, long seed) {
    float[][] left = matrix(rows, from + inner, seed);
    float[][] right = matrix(inner, columns + 1, seed + 1);
    if (inner == 7) {
      left[0] = oddNumbers(from + inner, seed);
      right[3] = oddNumbers(columns + 1, seed);
    }
    float[][] viaPlain = matrix(rows, columns + 1, seed + 2);
    for (float[] row : viaPlain) {
      row[columns] = UNTOUCHED;
    }
    float[][] given = copy(viaPlain);
    float[][] viaVector = copy(viaPlain);
    plain.addProduct(left, from, right, viaPlain, rows, columns);
    vector.addProduct(left, from, right, viaVector, rows, columns);
    for (int i = 0; i < rows; i++) {
      assertThat(viaVector[i]).as("%d x %d, row %d", rows, columns, i).containsExactly(viaPlain[i]);
      assertThat(viaPlain[i][columns]).isEqualTo(UNTOUCHED);
      for (int j = 0; j < columns && inner != 7; j++) {
        double exact = given[i][j];
        for (int k = 0; k < inner; k++) {
          exact += (double) left[i][from + k] * right[k][j];
        }
        assertThat((double) viaPlain[i][j]).isCloseTo(exact, within(1e-6 * (1 + inner)));
      }
    }
  }

  private void requireSameDoubles(int rows, int inner, int columns, int from, long seed) {
    double[][] left = widened(matrix(rows, from + inner, seed));
    double[][] right = widened(matrix(inner, columns + 1, seed + 1));
    double[][] viaPlain = widened(matrix(rows, columns + 1, seed + 2));
    double[][] given = widened(matrix(rows, columns + 1, seed + 2));
    double[][] viaVector = widened(matrix(rows, columns + 1, seed + 2));
    plain.addProduct(left, from, right, viaPlain, rows, columns);
    vector.addProduct(left, from, right, viaVector, rows, columns);
    for (int i = 0; i < rows; i++) {
      assertThat(viaVector[i]).as("%d x %d, row %d", rows, columns, i).containsExactly(viaPlain[i]);
      assertThat(viaPlain[i][columns]).isEqualTo(given[i][columns]);
      for (int j = 0; j < columns; j++) {
        double exact = given[i][j];
        for (int k = 0; k < inner; k++) {
          exact += left[i][from + k] * right[k][j];
        }
        assertThat(viaPlain[i][j]).isCloseTo(exact, within(1e-12));
      }
    }
  }

  private static float[][] matrix(int rows, int columns, long seed) {
    float[][] matrix = new float[rows][];
    Arrays.setAll(matrix, i -> numbers(columns, seed * 1000 + i));
    return matrix;
  }

  private static float[][] copy(float[][] matrix) {
    return Arrays.stream(matrix).map(float[]::clone).toArray(float[][]::new);
  }

  private static double[][] widened(float[][] matrix) {
    double[][] wide = new double[matrix.length][];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = new double[matrix[i].length];
      for (int j = 0; j < wide[i].length; j++) {
        wide[i][j] = matrix[i][j];
      }
    }
    return wide;
  }
}
