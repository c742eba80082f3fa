package dev.kvpress.compare.shape.choice;

import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.metric.words.PythonText;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** How everyday scenes go on. */
public final class HellaSwag extends HarnessChoices {
  private static final Pattern BRACKETS = Pattern.compile("\\[.*?\\]");

  private static final ShapeCard CARD =
      ShapeCard.named("hellaswag")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, "activity_label")
          .needs(ColumnType.TEXT, "ctx_a")
          .needs(ColumnType.TEXT, "ctx_b")
          .needs(ColumnType.TEXTS, "endings")
          .needs(ColumnType.LABEL, "label")
          .ignores("ctx", "source_id", "split", "split_type")
          .prompt(
              "activity_label, \": \", ctx_a, ctx_b, cleaned as the harness cleans them; the endings")
          .metric("acc, acc_norm")
          .from("HellaSwag (Rowan/hellaswag), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  String prompt(Row row) {
    return cleaned(
        row.text("activity_label")
            + ": "
            + row.text("ctx_a")
            + " "
            + capitalized(row.text("ctx_b")));
  }

  @Override
  List<String> choices(Row row) {
    return row.texts("endings").stream().map(HellaSwag::cleaned).toList();
  }

  @Override
  int gold(Row row, List<String> choices) {
    return Gold.place(row, "label", choices);
  }

  /** Without the marks that the scenes from WikiHow bring. */
  private static String cleaned(String text) {
    String titled = PythonText.strip(text).replace(" [title]", ". ");
    return BRACKETS.matcher(titled).replaceAll("").replace("  ", " ");
  }

  /** As Python capitalises: the first letter large, all others small. */
  private static String capitalized(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int rest = text.offsetByCodePoints(0, 1);
    return text.substring(0, rest).toUpperCase(Locale.ROOT)
        + text.substring(rest).toLowerCase(Locale.ROOT);
  }
}
