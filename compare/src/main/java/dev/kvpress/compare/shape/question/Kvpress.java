package dev.kvpress.compare.shape.question;

import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.QuestionShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.Optional;

/**
 * The data sets that kvpress's evaluation reads, brought to one form: RULER, LongBench,
 * InfiniteBench, LooGLE, ZeroSCROLLS, needle in a haystack.
 */
public final class Kvpress implements QuestionShape {
  private static final ShapeCard CARD =
      ShapeCard.named("kvpress")
          .tasks("qa", "recall")
          .needs(ColumnType.TEXT, Asked.CONTEXT)
          .needs(ColumnType.TEXT, Asked.QUESTION)
          .needs(ColumnType.ANSWERS, Asked.ANSWERS, "answer")
          .needs(ColumnType.TEXT, Asked.PREFIX)
          .takes(ColumnType.NUMBER, Asked.MOST)
          .takes(ColumnType.TEXT, Asked.TASK, "dataset")
          .takes(ColumnType.TEXTS, Asked.CLASSES)
          .takes(ColumnType.NUMBER, Asked.DEPTH)
          .ignores("length", "language", "needle", "options", "title")
          .prompt("context, question, answer_prefix")
          .metric("string_match (share of the answers in rows of RULER), f1, longbench_score")
          .from("kvpress (simonjegou/ruler, Xnhyacinth/LongBench and their like)");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<Question> question(Row row, int index) {
    return Asked.of(row, index);
  }
}
