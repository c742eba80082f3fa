package dev.kvpress.compare.shape.question;

import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.QuestionShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.Optional;

/** Questions with several right answers. */
public final class Questions implements QuestionShape {
  private static final ShapeCard CARD =
      ShapeCard.named("questions")
          .tasks("qa", "recall")
          .needs(ColumnType.TEXT, Asked.CONTEXT)
          .needs(ColumnType.TEXT, Asked.QUESTION, "input")
          .needs(ColumnType.TEXTS, Asked.ANSWERS, "answer")
          .takes(ColumnType.NUMBER, Asked.DEPTH)
          .takes(ColumnType.NUMBER, Asked.MOST)
          .takes(ColumnType.TEXT, Asked.TASK)
          .prompt("context, question")
          .metric("string_match, f1, exact_match")
          .from("files of one's own");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<Question> question(Row row, int index) {
    return Asked.of(row, index);
  }
}
