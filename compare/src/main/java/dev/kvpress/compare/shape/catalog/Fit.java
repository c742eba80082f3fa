package dev.kvpress.compare.shape.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.Column;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.DataShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How well the columns of a file are those of a shape.
 *
 * @param shape the shape
 * @param columns names in the shape to names in the file, of the columns that are there
 * @param faults why it does not fit, one each: columns that miss, are of another type, or are there
 *     twice
 * @param doubts why it may be something else, unless somebody says what it is for
 * @param met number of required columns that are there
 * @param unknown columns of the file that the shape does not know and that are not mere numbers
 */
record Fit(
    DataShape shape,
    Map<String, String> columns,
    List<String> faults,
    List<String> doubts,
    int met,
    List<String> unknown) {

  static Fit of(DataShape shape, Survey survey) {
    ShapeCard card = shape.card();
    Map<String, String> columns = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    List<String> doubts = new ArrayList<>();
    int met = 0;
    for (Column column : card.columns()) {
      List<String> found = survey.columns().keySet().stream().filter(column::isCalled).toList();
      if (found.size() > 1) {
        faults.add("has both %s, of which one is meant".formatted(String.join(" and ", found)));
      } else if (found.isEmpty() && column.isRequired()) {
        faults.add("misses " + column.names());
      } else if (!found.isEmpty()) {
        Optional<String> fault = mistyped(column, found.get(0), survey);
        fault.ifPresent(faults::add);
        if (column.type() == ColumnType.ANSWER && survey.isNumeric(found.get(0))) {
          doubts.add(
              "finds only numbers in %s, which may be classes; say TASK=FILE if they are the answers"
                  .formatted(found.get(0)));
        }
        columns.putIfAbsent(column.name(), found.get(0));
        met += column.isRequired() && fault.isEmpty() ? 1 : 0;
      }
    }
    List<String> unknown =
        survey.columns().keySet().stream()
            .filter(name -> !columns.containsValue(name))
            .filter(name -> !ShapeCard.isIdentifier(name) && !survey.isNumeric(name))
            .toList();
    Fit fit = new Fit(shape, columns, faults, doubts, met, unknown);
    if (faults.isEmpty()) {
      fit.objection(survey.file(), survey.head()).ifPresent(faults::add);
    }
    return fit;
  }

  boolean fits() {
    return faults.isEmpty();
  }

  /** Whether nothing of the file speaks against it. */
  boolean isBeyondDoubt() {
    return doubts.isEmpty() && unknown.isEmpty();
  }

  /** Columns of the file that it accounts for. */
  int explained() {
    return columns.size();
  }

  /** The name, and what keeps the file from being of this shape. */
  String describe() {
    String name = shape.card().name();
    List<String> all = new ArrayList<>(faults);
    all.addAll(doubts);
    if (!unknown.isEmpty()) {
      all.add("does not know " + String.join(", ", unknown));
    }
    return all.isEmpty() ? name : name + " (" + String.join("; ", all) + ")";
  }

  /** The row with the columns of the shape under its names, and nothing else. */
  Row shaped(Row row) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    for (Column column : shape.card().columns()) {
      JsonNode value = row.values().get(columns.getOrDefault(column.name(), column.name()));
      if (value != null && !values.has(column.name())) {
        values.set(column.name(), row.typed() ? value : Cells.typed(value, column));
      }
    }
    return new Row(row.source(), row.line(), values, true);
  }

  private Optional<String> objection(Path file, List<Row> head) {
    try {
      return shape.objection(file, head.stream().map(this::shaped).toList());
    } catch (DataException e) {
      return Optional.of("its rows are others: " + e.getMessage());
    }
  }

  /**
   * By most of its values: single wrong ones are faults of their rows, and told with their line.
   */
  private static Optional<String> mistyped(Column column, String name, Survey survey) {
    List<JsonNode> values = survey.values(name);
    if (values.isEmpty()) {
      return column.isRequired() ? Optional.of("finds nothing in " + name) : Optional.empty();
    }
    ColumnType type = column.type();
    long right =
        values.stream()
            .filter(value -> survey.typed() ? type.holds(value) : isCell(value, column))
            .count();
    boolean numbersForTexts =
        !survey.typed() && type == ColumnType.TEXT && column.isRequired() && survey.isNumeric(name);
    return right * 2 > values.size() && !numbersForTexts
        ? Optional.empty()
        : Optional.of("wants %s in %s".formatted(type.words(), name));
  }

  /** Whether a cell of CSV is of a column's type; every cell is a text, also a printed list. */
  private static boolean isCell(JsonNode cell, Column column) {
    boolean isText = column.type() == ColumnType.TEXT || column.type() == ColumnType.ANSWER;
    return column.type().holds(Cells.typed(cell, column))
        && !(isText && column.isRequired() && Cells.isPrinted(cell.asText()));
  }
}
