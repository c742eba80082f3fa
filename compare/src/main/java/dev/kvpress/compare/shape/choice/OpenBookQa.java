package dev.kvpress.compare.shape.choice;

import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.List;

/** School science with four answers. */
public final class OpenBookQa extends HarnessChoices {
  private static final String CHOICES = "choices";

  private static final ShapeCard CARD =
      ShapeCard.named("openbookqa")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, "question_stem")
          .needs(ColumnType.TEXT_STRUCT, CHOICES)
          .needs(ColumnType.LABEL, "answerKey")
          .ignores("fact1", "humanScore", "clarity", "turkIdAnonymized")
          .prompt("question_stem; the choices")
          .metric("acc, acc_norm")
          .from("OpenBookQA (allenai/openbookqa), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  String prompt(Row row) {
    return row.text("question_stem");
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
