package dev.kvpress.compare.shape;

import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.data.SummaryRequest;

/** Rows that are texts with their summaries. */
public interface SummaryShape extends DataShape {
  /**
   * The text of a row and what is expected of its summary.
   *
   * @throws dev.kvpress.compare.data.DataException naming what is wrong with the row
   */
  SummaryRequest summary(Row row, int index);
}
