package dev.kvpress.compare.shape.choice;

import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.metric.words.PythonText;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is the more likely cause, or effect, of a sentence. The harness's choices begin with a blank
 * of their own, so two blanks stand in front of each.
 */
public final class Copa extends HarnessChoices {
  private static final Map<String, String> CONNECTORS =
      Map.of("cause", "because", "effect", "therefore");

  private static final ShapeCard CARD =
      ShapeCard.named("copa")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, "premise")
          .needs(ColumnType.TEXT, "choice1")
          .needs(ColumnType.TEXT, "choice2")
          .needs(ColumnType.TEXT, "question")
          .needs(ColumnType.LABEL, "label")
          .prompt("premise without its full stop, \"because\" or \"therefore\"; the choices")
          .metric("acc")
          .from("COPA (super_glue), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  String prompt(Row row) {
    String connector = CONNECTORS.get(row.text("question"));
    if (connector == null) {
      throw row.error(
          "question: expected cause or effect, found '%s'".formatted(row.text("question")));
    }
    String premise = PythonText.strip(row.nonBlank("premise"));
    return premise.substring(0, premise.offsetByCodePoints(premise.length(), -1)) + " " + connector;
  }

  @Override
  List<String> choices(Row row) {
    return List.of(small(row.nonBlank("choice1")), small(row.nonBlank("choice2")));
  }

  private static String small(String choice) {
    int rest = choice.offsetByCodePoints(0, 1);
    return " " + choice.substring(0, rest).toLowerCase(Locale.ROOT) + choice.substring(rest);
  }

  @Override
  int gold(Row row, List<String> choices) {
    return Gold.place(row, "label", choices);
  }
}
