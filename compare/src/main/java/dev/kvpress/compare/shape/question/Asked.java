package dev.kvpress.compare.shape.question;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** The columns that most files of questions share, as a question. */
final class Asked {
  static final String CONTEXT = "context";
  static final String QUESTION = "question";
  static final String ANSWERS = "answers";
  static final String PREFIX = "answer_prefix";
  static final String MOST = "max_new_tokens";
  static final String TASK = "task";
  static final String CLASSES = "all_classes";
  static final String DEPTH = "depth";

  private Asked() {}

  /** The question of a row, with what of the columns is there. */
  static Optional<Question> of(Row row, int index) {
    return of(row, index, answers(row, ANSWERS), row.optional(TASK));
  }

  static Optional<Question> of(Row row, int index, List<String> answers, Optional<String> task) {
    return Optional.of(
        new Question(
            row.origin(index),
            row.nonBlank(CONTEXT),
            row.text(QUESTION),
            answers,
            row.optional(PREFIX).orElse(""),
            row.positive(MOST),
            task,
            depth(row),
            row.texts(CLASSES),
            false));
  }

  /** Answers, at least one. */
  static ImmutableList<String> answers(Row row, String column) {
    ImmutableList<String> answers = row.texts(column, row.required(column));
    if (answers.isEmpty()) {
      throw row.error(column + ": expected at least one, found none; leave the row out");
    }
    return answers;
  }

  private static OptionalDouble depth(Row row) {
    OptionalDouble depth = row.number(DEPTH);
    if (depth.orElse(0) < 0 || depth.orElse(0) > 100) {
      throw row.error("depth: expected percent from 0 to 100, found " + depth.getAsDouble());
    }
    if (depth.orElse(0) > 0 && depth.orElse(1) < 1) {
      throw row.error(
          "depth: expected percent from 0 to 100, found the fraction %s; multiply by 100"
              .formatted(depth.getAsDouble()));
    }
    return depth;
  }
}
