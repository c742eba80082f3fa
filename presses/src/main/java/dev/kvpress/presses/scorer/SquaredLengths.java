package dev.kvpress.presses.scorer;

import dev.kvpress.presses.kernel.Vectors;
import dev.kvpress.presses.signal.HeadVectors;
import java.util.Random;

/**
 * Squared lengths of keys or values relative to those of their neighbours, for {@link CurPress}.
 *
 * @param window tokens of a local window, at least 1
 * @param projects whether vectors are projected onto random directions first
 * @param seed start of the random directions
 */
record SquaredLengths(int window, boolean projects, long seed) {
  private static final int DIRECTIONS = 20;

  /** Squared lengths, each divided by the sum over its local window. */
  double[] of(HeadVectors vectors, int row, int kvHead, int length) {
    int size = vectors.size();
    float[] directions = projects ? directions(size) : new float[0];
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
              : projected(block, at, size, directions);
    }
    for (int from = 0; from < length; from += Math.min(window, length)) {
      divide(squares, from, (int) Math.min(length, (long) from + window));
    }
    return squares;
  }

  private static double projected(float[] block, int at, int size, float[] directions) {
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

  private float[] directions(int size) {
    Random random = new Random(seed);
    float[] directions = new float[DIRECTIONS * size];
    for (int i = 0; i < directions.length; i++) {
      directions[i] = (float) random.nextGaussian();
    }
    return directions;
  }
}
