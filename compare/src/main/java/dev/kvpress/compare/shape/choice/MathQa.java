package dev.kvpress.compare.shape.choice;

import com.google.common.base.CharMatcher;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.List;
import java.util.regex.Pattern;

/** School mathematics with five options in one text. */
public final class MathQa extends HarnessChoices {
  private static final Pattern OPTION = Pattern.compile("[abcd] \\) .*?, |e \\) .*?$");
  private static final int LETTER = 4;
  private static final List<String> LABELS = List.of("a", "b", "c", "d", "e");

  private static final ShapeCard CARD =
      ShapeCard.named("mathqa")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, "Problem")
          .needs(ColumnType.TEXT, "options")
          .needs(ColumnType.TEXT, "correct")
          .ignores("Rationale", "annotated_formula", "linear_formula", "category")
          .prompt("\"Question: \" Problem, line end, \"Answer:\"; the options")
          .metric("acc, acc_norm")
          .from("MathQA (regisss/math_qa), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  String prompt(Row row) {
    return "Question: " + row.text("Problem") + "\nAnswer:";
  }

  @Override
  List<String> choices(Row row) {
    return OPTION
        .matcher(row.text("options"))
        .results()
        .map(option -> option.group().substring(LETTER))
        .map(CharMatcher.anyOf(" ,")::trimTrailingFrom)
        .toList();
  }

  @Override
  int gold(Row row, List<String> choices) {
    return Gold.label(row, "correct", LABELS.subList(0, Math.min(LABELS.size(), choices.size())));
  }
}
