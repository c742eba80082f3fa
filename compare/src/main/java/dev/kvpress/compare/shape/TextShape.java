package dev.kvpress.compare.shape;

import dev.kvpress.compare.data.Document;
import dev.kvpress.compare.data.Row;

/** Rows that are documents. */
public interface TextShape extends DataShape {
  /**
   * The document of a row.
   *
   * @throws dev.kvpress.compare.data.DataException naming what is wrong with the row
   */
  Document document(Row row, int index);
}
