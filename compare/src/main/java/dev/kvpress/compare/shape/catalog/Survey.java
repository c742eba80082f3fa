package dev.kvpress.compare.shape.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Doubles;
import dev.kvpress.compare.data.Containers;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.data.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The columns of a data file, as its first rows have them.
 *
 * @param file what was looked at
 * @param head the first rows, at least one
 * @param columns name and values that are not null, in file order
 */
record Survey(Path file, List<Row> head, Map<String, List<JsonNode>> columns) {
  private static final int MOST_ROWS = 1000;
  private static final long MOST_CHARACTERS = 1 << 24;

  /**
   * Looks at a file.
   *
   * @throws DataException if it cannot be read or has no row
   */
  static Survey of(Path file) {
    ImmutableList.Builder<Row> head = ImmutableList.builder();
    int count = 0;
    try (Rows rows = Containers.open(file)) {
      long characters = 0;
      while (count < MOST_ROWS && characters < MOST_CHARACTERS) {
        Optional<Row> row = rows.next();
        if (row.isEmpty()) {
          break;
        }
        head.add(row.get());
        count++;
        for (JsonNode value : row.get().values()) {
          characters += value.isTextual() ? value.textValue().length() : 1;
        }
      }
    } catch (DataException e) {
      if (count == 0) {
        throw e;
      }
      // The reader comes to that row and says so, unless the samples asked for end before it.
    }
    if (count == 0) {
      throw new DataException(
          file + ": expected at least one row, found none; write one JSON object a line, or text");
    }
    return of(file, head.build());
  }

  private static Survey of(Path file, ImmutableList<Row> head) {
    Map<String, List<JsonNode>> columns = new LinkedHashMap<>();
    for (Row row : head) {
      for (Map.Entry<String, JsonNode> field : row.values().properties()) {
        List<JsonNode> values = columns.computeIfAbsent(field.getKey(), key -> new ArrayList<>());
        boolean emptyCell = !row.typed() && field.getValue().asText().isEmpty();
        if (!field.getValue().isNull() && !emptyCell) {
          values.add(field.getValue());
        }
      }
    }
    return new Survey(file, head, ImmutableMap.copyOf(columns));
  }

  /** The same file with columns under other names; a column whose name is taken goes. */
  Survey renamed(Renaming names) {
    return names.isEmpty()
        ? this
        : of(file, head.stream().map(names::apply).collect(ImmutableList.toImmutableList()));
  }

  boolean typed() {
    return head.get(0).typed();
  }

  /** The values of a column that are not null; none where there is no such column. */
  List<JsonNode> values(String column) {
    return columns.getOrDefault(column, List.of());
  }

  /** Whether a column holds nothing but numbers and truth values, or nothing. */
  boolean isNumeric(String column) {
    return values(column).stream()
        .allMatch(
            value ->
                value.isNumber()
                    || value.isBoolean()
                    || (!typed() && Doubles.tryParse(value.asText()) != null));
  }

  /** The columns and what they hold, for people. */
  String describe() {
    List<String> words = new ArrayList<>();
    columns.forEach((name, values) -> words.add(name + " (" + kind(name, values) + ")"));
    return words.isEmpty() ? "no column" : String.join(", ", words);
  }

  private String kind(String name, List<JsonNode> values) {
    if (values.isEmpty()) {
      return "empty";
    }
    if (isNumeric(name)) {
      return values.get(0).isBoolean() ? "truth value" : "number";
    }
    JsonNode first = values.get(0);
    if (!typed() && Cells.isPrinted(first.asText())) {
      return first.asText().startsWith("[") ? "printed list" : "printed object";
    }
    return first.isArray() ? "list" : first.isObject() ? "object" : "text";
  }
}
