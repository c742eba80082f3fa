package dev.kvpress.compare.shape.question;

import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.QuestionShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.Optional;

/** LongBench version 1; each row names its data set, which decides the measure. */
public final class LongBench implements QuestionShape {
  private static final ShapeCard CARD =
      ShapeCard.named("longbench")
          .tasks("qa", "recall")
          .needs(ColumnType.TEXT, Asked.CONTEXT)
          .needs(ColumnType.TEXT, Asked.QUESTION, "input")
          .needs(ColumnType.TEXTS, Asked.ANSWERS)
          .needs(ColumnType.TEXT, Asked.TASK, "dataset")
          .takes(ColumnType.TEXTS, Asked.CLASSES)
          .takes(ColumnType.NUMBER, Asked.MOST)
          .ignores("length", "language")
          .prompt("context, input; LongBench's own instructions are not added")
          .metric("longbench_score, string_match, f1")
          .from("LongBench v1 (THUDM/LongBench)");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<Question> question(Row row, int index) {
    return Asked.of(row, index);
  }
}
