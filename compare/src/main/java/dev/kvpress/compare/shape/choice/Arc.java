package dev.kvpress.compare.shape.choice;

import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.List;

/** School science with labelled answers. */
public final class Arc extends HarnessChoices {
  private static final String CHOICES = "choices";

  private static final ShapeCard CARD =
      ShapeCard.named("arc")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, "question")
          .needs(ColumnType.TEXT_STRUCT, CHOICES)
          .needs(ColumnType.LABEL, "answerKey")
          .prompt("\"Question: \" question, line end, \"Answer:\"; the choices")
          .metric("acc, acc_norm")
          .from("ARC (allenai/ai2_arc), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  String prompt(Row row) {
    return "Question: " + row.text("question") + "\nAnswer:";
  }

  @Override
  List<String> choices(Row row) {
    return row.texts(CHOICES, row.required(CHOICES).path("text"));
  }

  @Override
  int gold(Row row, List<String> choices) {
    return Gold.label(row, "answerKey", row.texts(CHOICES, row.required(CHOICES).path("label")));
  }
}
