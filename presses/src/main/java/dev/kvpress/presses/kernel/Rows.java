package dev.kvpress.presses.kernel;

/**
 * Arithmetic on a block of rows that lie one after another, {@code [rows][size]}. Loops run over
 * the whole block where they can: the virtual machine turns long loops over arrays into vector
 * instructions, loops over one short row it does not.
 */
public final class Rows {
  private Rows() {}

  /** One row written {@code count} times, one after another, into {@code into}. */
  public static void repeat(float[] row, int count, float[] into) {
    int filled = Math.min(row.length, count * row.length);
    System.arraycopy(row, 0, into, 0, filled);
    while (filled < count * row.length) {
      int next = Math.min(filled, count * row.length - filled);
      System.arraycopy(into, 0, into, filled, next);
      filled += next;
    }
  }

  /**
   * The dot product of each row with one vector.
   *
   * @param vector {@code [size]}
   * @param into {@code [count]}
   */
  public static void dots(float[] rows, int count, int size, float[] vector, float[] into) {
    int r = 0;
    // Four rows at once: a sum alone waits for each of its additions.
    for (; r + 3 < count; r += 4) {
      int a = r * size;
      int b = a + size;
      int c = b + size;
      int d = c + size;
      float firstA = 0;
      float firstB = 0;
      float firstC = 0;
      float firstD = 0;
      for (int i = 0; i < size; i++) {
        float x = vector[i];
        firstA += rows[a + i] * x;
        firstB += rows[b + i] * x;
        firstC += rows[c + i] * x;
        firstD += rows[d + i] * x;
      }
      into[r] = firstA;
      into[r + 1] = firstB;
      into[r + 2] = firstC;
      into[r + 3] = firstD;
    }
    for (; r < count; r++) {
      into[r] = Vectors.dot(rows, r * size, vector, 0, size);
    }
  }

  /** The sums of each row of two blocks of the same shape. */
  private static void sums(float[] one, float[] two, int count, int size, float[][] into) {
    int r = 0;
    for (; r + 3 < count; r += 4) {
      int a = r * size;
      int b = a + size;
      int c = b + size;
      int d = c + size;
      float firstA = 0;
      float firstB = 0;
      float firstC = 0;
      float firstD = 0;
      float secondA = 0;
      float secondB = 0;
      float secondC = 0;
      float secondD = 0;
      for (int i = 0; i < size; i++) {
        firstA += one[a + i];
        firstB += one[b + i];
        firstC += one[c + i];
        firstD += one[d + i];
        secondA += two[a + i];
        secondB += two[b + i];
        secondC += two[c + i];
        secondD += two[d + i];
      }
      into[0][r] = firstA;
      into[0][r + 1] = firstB;
      into[0][r + 2] = firstC;
      into[0][r + 3] = firstD;
      into[1][r] = secondA;
      into[1][r + 1] = secondB;
      into[1][r + 2] = secondC;
      into[1][r + 3] = secondD;
    }
    for (; r < count; r++) {
      float first = 0;
      float second = 0;
      for (int i = r * size; i < (r + 1) * size; i++) {
        first += one[i];
        second += two[i];
      }
      into[0][r] = first;
      into[1][r] = second;
    }
  }

  /**
   * Adds the rows, each times its weight.
   *
   * @param weights {@code [count]}
   * @param into {@code [size]}
   */
  public static void addWeighted(float[] rows, int count, int size, float[] weights, float[] into) {
    int r = 0;
    for (; r + 3 < count; r += 4) {
      int at = r * size;
      float w0 = weights[r];
      float w1 = weights[r + 1];
      float w2 = weights[r + 2];
      float w3 = weights[r + 3];
      for (int c = 0; c < size; c++) {
        into[c] +=
            (rows[at + c] * w0 + rows[at + size + c] * w1)
                + (rows[at + 2 * size + c] * w2 + rows[at + 3 * size + c] * w3);
      }
    }
    for (; r < count; r++) {
      for (int c = 0; c < size; c++) {
        into[c] += rows[r * size + c] * weights[r];
      }
    }
  }

  /**
   * The smallest and the largest number of each column; not a number where a column holds one.
   *
   * @param scratch three arrays with room for as many numbers as the rows have
   * @param min {@code [size]}
   * @param max {@code [size]}
   */
  public static void ranges(
      float[] rows, int count, int size, float[][] scratch, float[] min, float[] max) {
    float[] least = scratch[0];
    float[] most = scratch[1];
    float[] other = scratch[2];
    // Half of the rows are laid on the other half, until one is left. The halves lie in arrays of
    // their own: a loop that reads one array in two places does not become vector instructions.
    int half = count / 2 * size;
    int left = count * size - half;
    System.arraycopy(rows, left, other, 0, half);
    for (int i = 0; i < half; i++) {
      least[i] = Math.min(rows[i], other[i]);
      most[i] = Math.max(rows[i], other[i]);
    }
    System.arraycopy(rows, half, least, half, left - half);
    System.arraycopy(rows, half, most, half, left - half);
    for (; left > size; left -= half) {
      half = left / size / 2 * size;
      System.arraycopy(least, left - half, other, 0, half);
      for (int i = 0; i < half; i++) {
        least[i] = Math.min(least[i], other[i]);
      }
      System.arraycopy(most, left - half, other, 0, half);
      for (int i = 0; i < half; i++) {
        most[i] = Math.max(most[i], other[i]);
      }
    }
    System.arraycopy(least, 0, min, 0, size);
    System.arraycopy(most, 0, max, 0, size);
  }

  /**
   * The standard deviation (over {@code size - 1}) of each row's {@code (x - offset) * factor}.
   *
   * @param offsets a row, {@link #repeat}ed for each row
   * @param factors a row, {@link #repeat}ed for each row
   * @param scratch two arrays with room for as many numbers as the rows have
   * @param sums two arrays {@code [count]}
   * @param into {@code [count]}
   */
  public static void deviations(
      float[] rows,
      int count,
      int size,
      float[] offsets,
      float[] factors,
      float[][] scratch,
      float[][] sums,
      double[] into) {
    float[] scaled = scratch[0];
    float[] squares = scratch[1];
    for (int i = 0; i < count * size; i++) {
      float x = (rows[i] - offsets[i]) * factors[i];
      scaled[i] = x;
      squares[i] = x * x;
    }
    sums(scaled, squares, count, size, sums);
    for (int r = 0; r < count; r++) {
      double sum = sums[0][r];
      double spread = sums[1][r] - sum * sum / size;
      // Rounding may leave a trace below zero where all numbers agree; NaN must pass.
      into[r] = size == 1 || spread < 0 ? 0 : Math.sqrt(spread / (size - 1));
    }
  }
}
