package dev.kvpress.compare.shape.question;

import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Problems that have an answer and no context: all of the prompt is compressed. */
final class Solved {
  static final String PROBLEM = "problem";
  static final String ANSWER = "answer";

  private Solved() {}

  /**
   * The problem of a row, whose answer follows in the line of "Answer:".
   *
   * @param before stands in front of it
   * @param task whose measures and lengths hold
   */
  static Optional<Question> question(Row row, int index, String before, String task) {
    return Optional.of(
        new Question(
            row.origin(index),
            before + row.nonBlank(PROBLEM) + "\nAnswer:",
            "",
            Asked.answers(row, ANSWER),
            "",
            OptionalInt.empty(),
            Optional.of(task),
            OptionalDouble.empty(),
            List.of(),
            true));
  }
}
