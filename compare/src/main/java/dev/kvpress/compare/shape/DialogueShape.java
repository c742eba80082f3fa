package dev.kvpress.compare.shape;

import dev.kvpress.compare.data.Dialogue;
import dev.kvpress.compare.data.Row;

/** Rows that are several questions about one context. */
public interface DialogueShape extends DataShape {
  /**
   * The dialogue of a row.
   *
   * @throws dev.kvpress.compare.data.DataException naming what is wrong with the row
   */
  Dialogue dialogue(Row row, int index);
}
