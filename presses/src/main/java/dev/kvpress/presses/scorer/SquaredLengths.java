package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.HeadVectors;
import java.util.OptionalInt;
import java.util.Random;

/**
 * Squared lengths of keys or values relative to those of their neighbours, for {@link CurPress}.
 */
final class SquaredLengths {
  private static final int DIRECTIONS = 20;

  private final OptionalInt window;
  private final float[] directions;

  /**
   * Takes the choices.
   *
   * @param window tokens of a local window, at least 1; empty: lengths as they are
   * @param directions onto which vectors are projected first, one after another; empty: none
   */
  SquaredLengths(OptionalInt window, float[] directions) {
    this.window = window;
    this.directions = directions;
  }

  /** Lengths of vectors of {@code size} numbers projected onto random directions. */
  static SquaredLengths projected(OptionalInt window, int size, long seed) {
    Random random = new Random(seed);
    float[] directions = new float[DIRECTIONS * size];
    for (int i = 0; i < directions.length; i++) {
      directions[i] = (float) random.nextGaussian();
    }
    return new SquaredLengths(window, directions);
  }

  /** Squared lengths, each divided by the sum over its local window. */
  double[] of(HeadVectors vectors, int row, int kvHead, int length) {
    int size = vectors.size();
    int perBlock = Vectors.tokensPerBlock(size);
    float[] block = new float[perBlock * size];
    double[] squares = new double[length];
    for (int j = 0; j < length; j++) {
      if (j % perBlock == 0) {
        vectors.read(row, kvHead, j, Math.min(length, j + perBlock), block);
      }
      int at = j % perBlock * size;
      squares[j] =
          directions.length == 0
              ? Vectors.squaredNorm(block, at, size)
              : projected(block, at, size);
    }
    if (window.isPresent()) {
      int step = window.getAsInt();
      for (long from = 0; from < length; from += step) {
        divide(squares, (int) from, (int) Math.min(length, from + step));
      }
    }
    return squares;
  }

  private double projected(float[] block, int at, int size) {
    double sum = 0;
    for (int r = 0; r < DIRECTIONS; r++) {
      double dot = Vectors.dot(block, at, directions, r * size, size);
      sum += dot * dot;
    }
    return sum;
  }

  /** Divides the numbers {@code from..to} by their sum; zeros stay zeros. */
  static void divide(double[] values, int from, int to) {
    double sum = 0;
    for (int j = from; j < to; j++) {
      sum += values[j];
    }
    for (int j = from; j < to && sum != 0; j++) {
      values[j] /= sum;
    }
  }
}
