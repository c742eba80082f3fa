package dev.kvpress.compare.shape.choice;

import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.List;

/** Everyday physics: which of two ways reaches a goal. */
public final class Piqa extends HarnessChoices {
  private static final String LABEL = "label";

  private static final ShapeCard CARD =
      ShapeCard.named("piqa")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, "goal")
          .needs(ColumnType.TEXT, "sol1")
          .needs(ColumnType.TEXT, "sol2")
          .needs(ColumnType.LABEL, LABEL)
          .prompt("\"Question: \" goal, line end, \"Answer:\"; the solutions")
          .metric("acc, acc_norm")
          .from("PIQA (baber/piqa), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  String prompt(Row row) {
    return "Question: " + row.text("goal") + "\nAnswer:";
  }

  @Override
  List<String> choices(Row row) {
    return List.of(row.text("sol1"), row.text("sol2"));
  }

  @Override
  int gold(Row row, List<String> choices) {
    return Gold.place(row, LABEL, choices);
  }
}
