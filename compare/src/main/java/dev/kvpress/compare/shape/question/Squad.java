package dev.kvpress.compare.shape.question;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.Question;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.QuestionShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.Optional;

/** SQuAD as Hugging Face has it. Questions of version 2 that have no answer are skipped. */
public final class Squad implements QuestionShape {
  private static final ShapeCard CARD =
      ShapeCard.named("squad")
          .tasks("qa", "recall")
          .needs(ColumnType.TEXT, Asked.CONTEXT)
          .needs(ColumnType.TEXT, Asked.QUESTION)
          .needs(ColumnType.TEXT_STRUCT, Asked.ANSWERS)
          .ignores("title")
          .prompt("context, question")
          .metric("f1, exact_match, string_match")
          .from("SQuAD (rajpurkar/squad, squad_v2)");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<Question> question(Row row, int index) {
    ImmutableList<String> answers =
        row.texts(Asked.ANSWERS, row.required(Asked.ANSWERS).path("text"));
    return answers.isEmpty()
        ? Optional.empty()
        : Asked.of(
            row,
            index,
            ImmutableList.copyOf(answers.stream().distinct().toList()),
            Optional.empty());
  }
}
