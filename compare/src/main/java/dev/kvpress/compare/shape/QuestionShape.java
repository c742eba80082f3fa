package dev.kvpress.compare.shape;

import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import java.util.Optional;

/** Rows that are questions about contexts. */
public interface QuestionShape extends DataShape {
  /**
   * The question of a row; empty where the row holds none that can be asked, which is counted and
   * said.
   *
   * @throws dev.kvpress.compare.data.DataException naming what is wrong with the row
   */
  Optional<Question> question(Row row, int index);
}
