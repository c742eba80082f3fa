package dev.kvpress.compare.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A condition on the rows of a comparison under which it counts as failed: {@code delta_nll>0.05}.
 * It is held against every row but the baseline's that has the field.
 */
public final class Condition {
  private static final Pattern FORM =
      Pattern.compile("\\s*([A-Za-z][A-Za-z0-9_-]*)\\s*(>=|<=|>|<)\\s*(\\S+)\\s*");
  private static final String DELTA_NLL = "delta_nll";
  private static final List<String> FIELDS =
      List.of(
          "achieved_ratio",
          "nll",
          "nll_compressed",
          "perplexity",
          DELTA_NLL,
          "recall_accuracy",
          "kv_bytes_logical",
          "kv_bytes_physical",
          "prefill_ms",
          "press_ms",
          "second_pass_ms",
          "tpot_ms");

  private final String text;
  private final String field;
  private final String operator;
  private final double bound;

  private Condition(String text, String field, String operator, double bound) {
    this.text = text;
    this.field = field;
    this.operator = operator;
    this.bound = bound;
  }

  /**
   * Reads a condition.
   *
   * @param tasks of the comparison, whose metrics may be named: {@code recall_accuracy_delta<-0.1}
   * @throws IllegalArgumentException naming what was expected
   */
  public static Condition parse(String text, List<Task> tasks) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "expected FIELD>NUMBER (or <, >=, <=), for instance delta_nll>0.05, found '%s'"
              .formatted(text));
    }
    String field = matcher.group(1).replace('-', '_').toLowerCase(Locale.ROOT);
    List<String> known = known(tasks);
    if (!known.contains(field)) {
      throw new IllegalArgumentException(
          "expected a field of the results, found '%s'; known: %s"
              .formatted(field, String.join(", ", known)));
    }
    double bound;
    try {
      bound = Double.parseDouble(matcher.group(3));
    } catch (NumberFormatException e) {
      bound = Double.NaN;
    }
    if (Double.isNaN(bound)) {
      throw new IllegalArgumentException(
          "expected a number behind %s, found '%s'".formatted(matcher.group(2), matcher.group(3)));
    }
    return new Condition(text.strip(), field, matcher.group(2), bound);
  }

  private static List<String> known(List<Task> tasks) {
    TreeSet<String> metrics = new TreeSet<>();
    tasks.forEach(
        task ->
            task.metrics()
                .forEach(
                    metric ->
                        FlatRow.PARTS.forEach(part -> metrics.add(metric.name() + "_" + part))));
    List<String> known = new ArrayList<>(FIELDS);
    known.addAll(metrics);
    return known;
  }

  /** The rows on which the condition holds, one line each; empty if all is well. */
  public List<String> violations(RunResults run) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < run.rows().size(); i++) {
      CellRow row = run.rows().get(i);
      JsonNode value = FlatRow.of(row).get(field);
      if (!run.cells().get(i).baseline()
          && value != null
          && value.isNumber()
          && holds(value.doubleValue())) {
        found.add(
            "%s: %s of %s is %s (%s on %s)"
                .formatted(text, field, ResultTable.name(row), value, row.task(), row.data()));
      }
    }
    return found;
  }

  /**
   * Why the condition could not be held against rows that it is meant for, one line each: a
   * threshold on a figure that is not there is not met. Rows without samples and rows that ended as
   * errors, which say so themselves, are passed over.
   */
  public List<String> unheld(RunResults run) {
    List<CellRow> measured = new ArrayList<>();
    List<CellRow> without = new ArrayList<>();
    for (int i = 0; i < run.rows().size(); i++) {
      CellRow row = run.rows().get(i);
      if (!run.cells().get(i).baseline() && row.error() == null && row.samples() > 0) {
        measured.add(row);
        JsonNode value = FlatRow.of(row).get(field);
        if (value == null || !value.isNumber()) {
          without.add(row);
        }
      }
    }
    if (measured.isEmpty()) {
      return List.of();
    }
    if (without.size() == measured.size()) {
      return List.of(
          "%s: no method has %s, so that nothing could be held against it%s"
              .formatted(text, field, advice()));
    }
    return without.stream()
        .filter(this::isMeant)
        .map(
            row ->
                "%s: %s has no %s (%s on %s)%s"
                    .formatted(
                        text, ResultTable.name(row), field, row.task(), row.data(), advice()))
        .toList();
  }

  /** Whether a row has the figure that the field is a part of. */
  private boolean isMeant(CellRow row) {
    return field.equals(DELTA_NLL)
        ? row.nllCompressed() != null
        : row.metrics().keySet().stream().anyMatch(name -> field.startsWith(name + "_"));
  }

  private String advice() {
    if (field.endsWith("_low") || field.endsWith("_high")) {
      return "; an interval needs the baseline among the methods and at least two samples";
    }
    return field.equals(DELTA_NLL) || field.endsWith("_delta")
        ? "; a difference needs the baseline, with a result, among the methods"
        : "";
  }

  private boolean holds(double value) {
    return switch (operator) {
      case ">" -> value > bound;
      case ">=" -> value >= bound;
      case "<" -> value < bound;
      default -> value <= bound;
    };
  }
}
