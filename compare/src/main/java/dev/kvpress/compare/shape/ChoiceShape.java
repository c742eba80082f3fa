package dev.kvpress.compare.shape;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.Row;
import java.util.List;
import java.util.Optional;

/** Rows that are questions with several choices, or parts of such questions. */
public interface ChoiceShape extends DataShape {
  /**
   * The question of some rows.
   *
   * @param rows at least one; more where they share a {@link #group}
   * @throws dev.kvpress.compare.data.DataException naming what is wrong with a row
   */
  ChoiceQuestion choice(List<Row> rows, int index);

  /**
   * What the rows of one question share, which stand one behind another; empty where a row is a
   * question of its own.
   */
  default Optional<JsonNode> group(Row row) {
    return Optional.empty();
  }
}
