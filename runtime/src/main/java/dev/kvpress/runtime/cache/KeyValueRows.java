package dev.kvpress.runtime.cache;

import java.nio.ByteBuffer;

/**
 * Keys and values of one layer as rows of D numbers in two memories, row for row side by side.
 *
 * @param keys rows from the first byte on
 * @param values the same
 * @param rowBytes bytes of a row
 */
record KeyValueRows(ByteBuffer keys, ByteBuffer values, int rowBytes) {
  private static final byte[] ZEROS = new byte[8192];

  /** Copies rows that lie side by side; the target may be this memory. */
  void copy(int fromRow, KeyValueRows target, int toRow, int rows) {
    int from = fromRow * rowBytes;
    int to = toRow * rowBytes;
    int bytes = rows * rowBytes;
    target.keys.put(to, keys, from, bytes);
    target.values.put(to, values, from, bytes);
  }

  /**
   * Copies the rows that are kept, as many as lie side by side at once.
   *
   * @param kept ascending
   * @param fromRow row of slot 0
   */
  void copyKept(int[] kept, int fromRow, KeyValueRows target, int toRow) {
    for (int from = 0, to; from < kept.length; from = to) {
      to = from + 1;
      while (to < kept.length && kept[to] == kept[to - 1] + 1) {
        to++;
      }
      copy(fromRow + kept[from], target, toRow + from, to - from);
    }
  }

  /** Padding must hold numbers: what is masked is still multiplied. */
  void clear(int row, int rows) {
    int at = row * rowBytes;
    for (int left = rows * rowBytes; left > 0; left -= ZEROS.length) {
      int length = Math.min(left, ZEROS.length);
      keys.put(at, ZEROS, 0, length);
      values.put(at, ZEROS, 0, length);
      at += length;
    }
  }

  /**
   * Sets channels of keys to zero.
   *
   * @param elementBytes bytes of a number
   */
  void zeroChannels(int row, int rows, int[] channels, int elementBytes) {
    for (int at = row * rowBytes; at < (row + rows) * rowBytes; at += rowBytes) {
      for (int channel : channels) {
        keys.put(at + channel * elementBytes, ZEROS, 0, elementBytes);
      }
    }
  }
}
