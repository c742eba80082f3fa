package dev.kvpress.recipe.train;

/**
 * Rows of tokens of one length with a loss weight for each.
 *
 * @param rows B
 * @param length tokens of a row; the first is only input
 * @param ids {@code [B, length]} row-major
 * @param weights {@code [B, length]} row-major; the weight of predicting that token
 */
record Batch(int rows, int length, long[] ids, float[] weights) {
  Batch {
    if (ids.length != rows * length || weights.length != rows * length) {
      throw new IllegalArgumentException(
          "expected "
              + rows * length
              + " ids and weights, found "
              + ids.length
              + " and "
              + weights.length);
    }
  }
}
