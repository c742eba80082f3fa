package dev.kvpress.compare.shape.choice;

import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.Gold;
import dev.kvpress.compare.shape.ShapeCard;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Whether one sentence follows from another. Many benchmarks have these columns (MRPC, WNLI, MNLI),
 * so a file is taken for RTE only where its labels or its path say so.
 */
public final class Rte extends HarnessChoices {
  private static final String LABEL = "label";

  /** In the order of the numbers, which is that of the choices. */
  private static final List<String> LABELS = List.of("entailment", "not_entailment");

  private static final Pattern NAME = Pattern.compile("(?:.*[^a-z])?rte(?:[^a-z].*)?");

  private static final Pattern SPLIT =
      Pattern.compile("(?:train|test|validation|valid|val|dev)[._-].*");

  private static final ShapeCard CARD =
      ShapeCard.named("rte")
          .tasks("multiple_choice")
          .needs(ColumnType.TEXT, "sentence1", "premise")
          .needs(ColumnType.TEXT, "sentence2", "hypothesis")
          .needs(ColumnType.LABEL, LABEL)
          .prompt(
              "sentence1, line end, \"Question: \" sentence2 \" True or False?\", line end, \"Answer:\"; True, False")
          .metric("acc")
          .from("RTE (glue, super_glue), as lm-evaluation-harness phrases it");

  @Override
  public ShapeCard card() {
    return CARD;
  }

  @Override
  public Optional<String> objection(Path file, List<Row> rows) {
    boolean named = isNamed(file);
    boolean labelled =
        rows.stream()
            .allMatch(
                row ->
                    row.value(LABEL).filter(label -> LABELS.contains(label.asText())).isPresent());
    return named || labelled
        ? Optional.empty()
        : Optional.of(
            "other benchmarks have its columns too; say rte=FILE if it is RTE, or name it so");
  }

  /** By its own name, or by its folder's where its own is that of a split. */
  private static boolean isNamed(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    Path folder = file.toAbsolutePath().getParent();
    boolean split = SPLIT.matcher(name).matches();
    return NAME.matcher(name).matches()
        || (split
            && folder != null
            && NAME.matcher(folder.toString().toLowerCase(Locale.ROOT)).matches());
  }

  @Override
  String prompt(Row row) {
    return "%s\nQuestion: %s True or False?\nAnswer:"
        .formatted(row.text("sentence1"), row.text("sentence2"));
  }

  @Override
  List<String> choices(Row row) {
    return List.of("True", "False");
  }

  @Override
  int gold(Row row, List<String> choices) {
    return row.required(LABEL).isNumber()
        ? Gold.place(row, LABEL, choices)
        : Gold.label(row, LABEL, LABELS);
  }
}
