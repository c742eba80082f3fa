package dev.kvpress.compare.shape.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.shape.Column;
import dev.kvpress.compare.shape.ColumnType;
import dev.kvpress.compare.shape.DataShape;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How well the columns of a file are those of a shape.
 *
 * @param columns which columns of the file are which of the shape
 * @param faults why it does not fit, one each: columns that miss, are of another type, or are there
 *     twice
 * @param objection why it is not the shape's file though its columns are
 * @param unknown columns of the file that the shape does not know and that are not mere numbers
 */
record Fit(
    ShapedColumns columns, List<String> faults, Optional<String> objection, List<String> unknown) {

  static Fit of(DataShape shape, Survey survey) {
    ShapeCard card = shape.card();
    Map<String, String> columns = new LinkedHashMap<>();
    List<String> faults = new ArrayList<>();
    for (Column column : card.columns()) {
      List<String> found = survey.columns().keySet().stream().filter(column::isCalled).toList();
      if (found.size() > 1 && found.stream().map(survey::values).distinct().count() > 1) {
        faults.add("has both %s, of which one is meant".formatted(String.join(" and ", found)));
      } else if (found.isEmpty() && column.isRequired()) {
        faults.add("misses " + column.names());
      } else if (!found.isEmpty()) {
        Optional<String> fault = mistyped(column, found.get(0), survey);
        fault.ifPresent(faults::add);
        columns.putIfAbsent(column.name(), found.get(0));
      }
    }
    List<String> unknown =
        survey.columns().keySet().stream()
            .filter(name -> card.columns().stream().noneMatch(column -> column.isCalled(name)))
            .filter(name -> !ShapeCard.isIdentifier(name) && !survey.isNumeric(name))
            .toList();
    ShapedColumns shaped = new ShapedColumns(shape, columns);
    Optional<String> objection = faults.isEmpty() ? objection(shaped, survey) : Optional.empty();
    return new Fit(shaped, faults, objection, unknown);
  }

  private static Optional<String> objection(ShapedColumns shaped, Survey survey) {
    try {
      return shaped
          .shape()
          .objection(survey.file(), survey.head().stream().map(shaped::apply).toList());
    } catch (DataException e) {
      // A row that the shape cannot read: it may be another's.
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  DataShape shape() {
    return columns.shape();
  }

  boolean fits() {
    return faults.isEmpty() && objection.isEmpty();
  }

  /** Columns of the file that it accounts for. */
  int explained() {
    return columns.names().size();
  }

  /** The name, and what keeps the file from being of this shape. */
  String describe() {
    String name = shape().card().name();
    List<String> all = new ArrayList<>(faults);
    objection.ifPresent(all::add);
    if (!unknown.isEmpty()) {
      all.add("does not know " + String.join(", ", unknown));
    }
    return all.isEmpty() ? name : name + " (" + String.join("; ", all) + ")";
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
            .filter(value -> type.holds(survey.typed() ? value : Cells.typed(value, column)))
            .count();
    boolean numbersForTexts =
        !survey.typed() && type == ColumnType.TEXT && column.isRequired() && survey.isNumeric(name);
    return right * 2 > values.size() && !numbersForTexts
        ? Optional.empty()
        : Optional.of("wants %s in %s".formatted(type.words(), name));
  }
}
