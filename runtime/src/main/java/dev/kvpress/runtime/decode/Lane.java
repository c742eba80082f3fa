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

  /** Gives a row that is about to leave its tokens in memory of its own. */
  void takeHome(BatchRow row);

  /** Carries out, now or before the next pass, what the press of a row has decided. */
  void edited(BatchRow row);

  /**
   * Passes the next token of every row.
   *
   * @return for each row its logits, in order
   */
  List<RowLogits> pass();

  /** Bytes of the memory that the rows of the lane take. */
  long physicalBytes();

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
