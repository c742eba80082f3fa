package dev.kvpress.compare.shape;

import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.Row;
import java.util.List;

/** Rows that are questions with several choices, or parts of such questions. */
public interface ChoiceShape extends DataShape {
  /**
   * The question of some rows.
   *
   * @param rows at least one; more where {@link #continues} says so
   * @throws dev.kvpress.compare.data.DataException naming what is wrong with a row
   */
  ChoiceQuestion choice(List<Row> rows, int index);

  /**
   * Whether a row belongs to the question of the row before it.
   *
   * @param first first row of that question
   */
  default boolean continues(Row first, Row next) {
    return false;
  }
}
