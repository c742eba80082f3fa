package dev.kvpress.compare.shape.question;

import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.QuestionShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.Optional;

/** Competition mathematics with the final answer apart. */
public final class Math500 implements QuestionShape {
  private static final String SOLUTION = "solution";

  private static final ShapeCard CARD =
      ShapeCard.named("math-500")
          .tasks("qa")
          .needs(ColumnType.TEXT, Solved.PROBLEM)
          .needs(ColumnType.TEXT, Solved.ANSWER)
          .needs(ColumnType.TEXT, SOLUTION)
          .ignores("subject", "level", "unique_id", "type")
          .prompt("\"Problem: \" problem, line end, \"Answer:\"")
          .metric("math_exact_match")
          .from("MATH-500 (HuggingFaceH4/MATH-500), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<Question> question(Row row, int index) {
    return Solved.question(row, index, "Problem: ", "hendrycks_math500")
        .map(question -> question.withSolution(row.text(SOLUTION)));
  }
}
