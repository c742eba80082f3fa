package dev.kvpress.compare.shape.question;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.QuestionShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** InfiniteBench's files with free answers; those with options are scored by letter, see there. */
public final class InfiniteBench implements QuestionShape {
  private static final String OPTIONS = "options";

  private static final ShapeCard CARD =
      ShapeCard.named("infinitebench")
          .tasks("qa", "recall")
          .needs(ColumnType.TEXT, Asked.CONTEXT)
          .needs(ColumnType.TEXT, Asked.QUESTION, "input")
          .needs(ColumnType.ANSWERS, Asked.ANSWERS, "answer")
          .needs(ColumnType.LIST, OPTIONS)
          .prompt(
              "context, input, the answer in the same line; InfiniteBench's own instructions are not added")
          .metric("string_match, f1, exact_match")
          .from("InfiniteBench (xinrongzhang2022/InfiniteBench), files without options");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<String> objection(Path file, List<Row> rows) {
    return rows.stream().anyMatch(row -> !row.texts(OPTIONS).isEmpty())
        ? Optional.of("its rows have options to choose from")
        : Optional.empty();
  }

  @Override
  public Optional<Question> question(Row row, int index) {
    ImmutableList<String> options = row.texts(OPTIONS);
    if (!options.isEmpty()) {
      throw row.error("options: expected none as in the first rows, found " + options.size());
    }
    // Its templates, one for each of its files, let the answer follow in the same line.
    return Asked.of(row, index).map(Question::asRunningText);
  }
}
