package dev.kvpress.compare.shape.question;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.metric.official.InfiniteBenchScore;
import dev.kvpress.compare.metric.official.OfficialScores;
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
          .takes(ColumnType.TEXT, Asked.TASK)
          .prompt(
              "context, input, the answer in the same line; InfiniteBench's own instructions are not added")
          .metric("infinitebench_score by the name of the file, string_match, f1, exact_match")
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
    Optional<String> task = row.optional(Asked.TASK).or(() -> taskOf(row.source()));
    // Its templates, one for each of its files, let the answer follow in the same line.
    return Asked.of(row, index, Asked.answers(row, Asked.ANSWERS), task)
        .map(Question::asRunningText);
  }

  /** The benchmark's files are named for its tasks; their rows do not name them. */
  private static Optional<String> taskOf(String source) {
    String file = String.valueOf(Path.of(source).getFileName());
    int dot = file.indexOf('.');
    return Optional.of(dot < 0 ? file : file.substring(0, dot))
        .filter(
            name ->
                OfficialScores.of(name).stream()
                    .anyMatch(entry -> entry.score() instanceof InfiniteBenchScore));
  }
}
