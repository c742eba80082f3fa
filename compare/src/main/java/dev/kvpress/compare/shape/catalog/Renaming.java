package dev.kvpress.compare.shape.catalog;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.data.Row;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Columns that are to be read under other names.
 *
 * @param columns name in the shape to name in the file
 */
public record Renaming(Map<String, String> columns) {
  /** Every column under its own name. */
  public static final Renaming NONE = new Renaming(Map.of());

  /** Takes a copy. */
  public Renaming {
    columns = ImmutableMap.copyOf(columns);
  }

  boolean isEmpty() {
    return columns.isEmpty();
  }

  /** The row under the new names; a column whose name is taken by another is left out. */
  Row apply(Row row) {
    if (isEmpty()) {
      return row;
    }
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    row.values()
        .properties()
        .forEach(
            field -> {
              if (!columns.containsKey(field.getKey()) && !columns.containsValue(field.getKey())) {
                values.set(field.getKey(), field.getValue());
              }
            });
    columns.forEach(
        (name, column) -> {
          if (row.values().has(column)) {
            values.set(name, row.values().get(column));
          }
        });
    return new Row(row.source(), row.line(), values, row.typed());
  }

  /** As typed: {@code question=input,answer=outputs}. */
  public String describe() {
    return columns.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(","));
  }
}
