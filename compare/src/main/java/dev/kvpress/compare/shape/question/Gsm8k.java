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
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * School mathematics: the answer ends with the number that is right, behind {@code ####}, by which
 * these files differ from other pairs of question and answer. The prompt is
 * lm-evaluation-harness's.
 */
public final class Gsm8k implements QuestionShape {
  private static final String ANSWER = "answer";
  private static final String MARK = "####";
  private static final int MOST_TOKENS = 256;

  private static final ShapeCard CARD =
      ShapeCard.named("gsm8k")
          .tasks("qa")
          .needs(ColumnType.TEXT, Asked.QUESTION)
          .needs(ColumnType.TEXT, ANSWER)
          .prompt("\"Question: \" question, line end, \"Answer:\"")
          .metric("the number behind ####")
          .from("GSM8K (openai/gsm8k)");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<String> objection(Path file, List<Row> rows) {
    return rows.stream().allMatch(row -> row.text(ANSWER).contains(MARK))
        ? Optional.empty()
        : Optional.of("its answers do not end with " + MARK + " and a number");
  }

  @Override
  public Optional<Question> question(Row row, int index) {
    String answer = row.text(ANSWER);
    int mark = answer.lastIndexOf(MARK);
    String number = mark < 0 ? "" : answer.substring(mark + MARK.length()).strip();
    if (number.isEmpty()) {
      throw row.error("answer: expected " + MARK + " and a number at its end, found none");
    }
    return Optional.of(
        new Question(
                row.origin(index),
                "Question: " + row.nonBlank(Asked.QUESTION) + "\nAnswer:",
                "",
                ImmutableList.of(number),
                "",
                OptionalInt.of(MOST_TOKENS),
                Optional.of("gsm8k"),
                OptionalDouble.empty(),
                List.of(),
                // The answer follows in the line of "Answer:".
                true)
            // The harness shows the whole calculation in its examples.
            .withSolution(answer));
  }
}
