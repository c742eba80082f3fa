package dev.kvpress.runtime.decode;

import java.util.List;

/** Rows that pass in the same way, in an order of the lane's own. */
interface Lane extends AutoCloseable {
  /** The rows, in the order of the logits of a pass. */
  List<BatchRow> rows();

  /** Takes a row in; if that fails, the row is as it was. */
  void join(BatchRow row);

  /** Lets a row go, whose tokens are no longer needed. */
  void leave(BatchRow row);

  /** Carries out, now or before the next pass, what the press of a row has decided. */
  void edited(BatchRow row);

  /**
   * Passes the next token of every row.
   *
   * @return for each row its logits, in order
   */
  List<RowLogits> pass();

  /** Bytes of the memory that the rows of the lane take now. */
  long physicalBytes();

  /** Bytes that the rows take at most until they have ended, those of a pass included. */
  long bytesAtMost();

  /** Bytes that the rows and another one take at most, those of taking it in included. */
  long bytesAtMostWith(BatchRow row);

  /** Bytes of the largest tensor that the rows and another one need at most. */
  long tensorBytesAtMostWith(BatchRow row);

  /** Gives memory back that is no longer needed, where that is worth it. */
  void tidy();

  @Override
  void close();

  /**
   * Logits of one row.
   *
   * @param logits {@code [rows, V]}
   * @param row which of them
   */
  record RowLogits(Logits logits, int row) {}
}
