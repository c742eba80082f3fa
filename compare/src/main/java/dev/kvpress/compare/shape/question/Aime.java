package dev.kvpress.compare.shape.question;

import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.QuestionShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Competition mathematics whose answers are whole numbers up to 999. Its columns are those of many
 * collections of problems, so the path must say that it is AIME.
 */
public final class Aime implements QuestionShape {
  private static final String NAME = "aime";

  private static final ShapeCard CARD =
      ShapeCard.named(NAME)
          .tasks("qa")
          .needs(ColumnType.TEXT, Solved.PROBLEM)
          .needs(ColumnType.ANSWERS, Solved.ANSWER)
          .ignores("solution", "url", "year")
          .prompt("\"Question: \" problem, line end, \"Answer:\"")
          .metric("aime_exact_match")
          .from("AIME (math-ai/aime25 and its like), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<String> objection(Path file, List<Row> rows) {
    boolean numbers =
        rows.stream()
            .flatMap(row -> row.texts(Solved.ANSWER).stream())
            .allMatch(answer -> answer.matches("\\d{1,3}"));
    if (!numbers) {
      return Optional.of("its answers are not whole numbers up to 999");
    }
    return file.toString().toLowerCase(Locale.ROOT).contains(NAME)
        ? Optional.empty()
        : Optional.of("nothing in its path says so; say aime=FILE if it is");
  }

  @Override
  public Optional<Question> question(Row row, int index) {
    return Solved.question(row, index, "Question: ", NAME);
  }
}
