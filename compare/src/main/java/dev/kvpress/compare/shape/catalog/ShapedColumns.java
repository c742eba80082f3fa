package dev.kvpress.compare.shape.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.Column;
import dev.kvpress.compare.shape.DataShape;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Which columns of a file are which of a shape.
 *
 * @param shape the shape
 * @param names names in the shape to names in the file, of the columns that are there
 */
public record ShapedColumns(DataShape shape, Map<String, String> names) {
  /** Takes a copy. */
  public ShapedColumns {
    names = ImmutableMap.copyOf(names);
  }

  /**
   * The row with the columns of the shape under its names, and nothing else. A column may have
   * another of its names in rows or files behind those that were looked at.
   */
  Row apply(Row row) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    for (Column column : shape.card().columns()) {
      JsonNode value = row.values().get(nameIn(row, column));
      if (value != null && !values.has(column.name())) {
        values.set(column.name(), row.typed() ? value : Cells.typed(value, column));
      }
    }
    return new Row(row.source(), row.line(), values, true);
  }

  private String nameIn(Row row, Column column) {
    List<String> there =
        Stream.concat(Stream.of(column.name()), column.aliases().stream())
            .filter(row::has)
            .toList();
    if (there.stream().map(row.values()::get).distinct().count() > 1) {
      throw row.error(
          "has both %s, of which one is meant; remove the other"
              .formatted(String.join(" and ", there)));
    }
    return there.isEmpty() ? names.getOrDefault(column.name(), column.name()) : there.get(0);
  }
}
