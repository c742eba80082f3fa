package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/**
 * Tokens of one pass, {@code [B, Q]}, left padded where rows differ.
 *
 * @param ids token ids; padding is any valid id
 * @param padding {@code [B]}, how many of the first columns of a row are padding
 */
record TokenBlock(int[][] ids, int[] padding) {

  static TokenBlock of(List<int[]> rows) {
    checkArgument(!rows.isEmpty(), "a batch must have at least one row");
    int longest = rows.stream().mapToInt(row -> row.length).max().orElse(0);
    int[][] ids = new int[rows.size()][longest];
    int[] padding = new int[rows.size()];
    for (int b = 0; b < rows.size(); b++) {
      int[] row = rows.get(b);
      checkArgument(row.length >= 1, "row %s of the batch has no tokens", b);
      padding[b] = longest - row.length;
      System.arraycopy(row, 0, ids[b], padding[b], row.length);
    }
    return new TokenBlock(ids, padding);
  }

  int batch() {
    return ids.length;
  }

  int columns() {
    return ids[0].length;
  }

  boolean isPadded() {
    for (int p : padding) {
      if (p > 0) {
        return true;
      }
    }
    return false;
  }

  /** {@code [B]}, tokens that are no padding. */
  int[] validTokens() {
    int[] valid = new int[batch()];
    for (int b = 0; b < valid.length; b++) {
      valid[b] = columns() - padding[b];
    }
    return valid;
  }

  TokenBlock columns(int from, int to) {
    int[][] part = new int[batch()][to - from];
    int[] partPadding = new int[batch()];
    for (int b = 0; b < batch(); b++) {
      System.arraycopy(ids[b], from, part[b], 0, to - from);
      partPadding[b] = Math.max(0, Math.min(padding[b], to) - from);
    }
    return new TokenBlock(part, partPadding);
  }
}
