package dev.kvpress.compare.shape.question;

import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.QuestionShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.Optional;

/** Questions with one answer each, which can be compared token by token. */
public final class ShortAnswers implements QuestionShape {
  private static final ShapeCard CARD =
      ShapeCard.named("short-answers")
          .tasks("recall", "qa")
          .needs(ColumnType.TEXT, Asked.CONTEXT)
          .needs(ColumnType.TEXT, Asked.QUESTION)
          .needs(ColumnType.ANSWER, Asked.ANSWERS, "answer")
          .takes(ColumnType.NUMBER, Asked.DEPTH)
          .takes(ColumnType.NUMBER, Asked.MOST)
          .takes(ColumnType.TEXT, Asked.TASK)
          .ignores("rehearsed")
          .prompt("context, question")
          .metric("recall_accuracy")
          .from("the demo questions, files of one's own");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<Question> question(Row row, int index) {
    return Asked.of(row, index);
  }
}
