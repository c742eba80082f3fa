package dev.kvpress.compare.shape.choice;

import dev.kvpress.compare.data.Choice;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ChoiceShape;
import java.util.List;
import java.util.OptionalInt;

/**
 * A benchmark as lm-evaluation-harness phrases it: one prompt, choices behind a blank, the length
 * of a choice counted without that blank.
 */
abstract class HarnessChoices implements ChoiceShape {
  private static final String DELIMITER = " ";

  /** What stands in front of the choices. */
  abstract String prompt(Row row);

  /** The choices, at least one. */
  abstract List<String> choices(Row row);

  /** Place of the right one. */
  abstract int gold(Row row, List<String> choices);

  @Override
  public ChoiceQuestion choice(List<Row> rows, int index) {
    Row row = rows.get(0);
    List<String> choices = choices(row);
    for (int i = 0; i < choices.size(); i++) {
      if (choices.get(i).isBlank()) {
        throw row.error("choice %d: expected a text, found a blank one".formatted(i));
      }
    }
    return ChoiceQuestion.of(
        row.origin(index),
        prompt(row),
        choices.stream().map(text -> new Choice("", DELIMITER + text, text)).toList(),
        OptionalInt.of(gold(row, choices)));
  }
}
