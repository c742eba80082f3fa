package dev.kvpress.compare.shape.choice;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Ascii;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.ShapeCard;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Questions about a passage that are answered by yes or no. Its answers, truth values or the
 * classes 0 and 1, tell it from other questions about passages.
 */
public final class BoolQ extends HarnessChoices {
  private static final String LABEL = "label";

  /** In the order of the classes. */
  private static final List<String> TRUTH = List.of("false", "true");

  private static final ShapeCard CARD =
      ShapeCard.named("boolq")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, "question")
          .needs(ColumnType.TEXT, "passage")
          .needs(ColumnType.LABEL, LABEL, "answer")
          .prompt(
              "passage, line end, \"Question: \" question \"?\", line end, \"Answer:\"; no, yes")
          .metric("acc")
          .from("BoolQ (google/boolq, super_glue), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<String> objection(Path file, List<Row> rows) {
    boolean truths = rows.stream().allMatch(row -> row.value(LABEL).filter(BoolQ::is).isPresent());
    return truths ? Optional.empty() : Optional.of("its answers are not true, false, 1 or 0");
  }

  private static boolean is(JsonNode label) {
    return label.isInt() ? label.intValue() == 0 || label.intValue() == 1 : truth(label) >= 0;
  }

  private static int truth(JsonNode label) {
    return TRUTH.indexOf(Ascii.toLowerCase(label.asText()));
  }

  @Override
  String prompt(Row row) {
    return "%s\nQuestion: %s?\nAnswer:".formatted(row.text("passage"), row.text("question"));
  }

  @Override
  List<String> choices(Row row) {
    return List.of("no", "yes");
  }

  @Override
  int gold(Row row, List<String> choices) {
    int truth = truth(row.required(LABEL));
    return truth >= 0 ? truth : Gold.place(row, LABEL, choices);
  }
}
