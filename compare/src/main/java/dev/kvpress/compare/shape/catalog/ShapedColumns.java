package dev.kvpress.compare.shape.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.Column;
import dev.kvpress.compare.shape.DataShape;
import java.util.Map;

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

  /** The row with the columns of the shape under its names, and nothing else. */
  Row apply(Row row) {
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    for (Column column : shape.card().columns()) {
      JsonNode value = row.values().get(names.getOrDefault(column.name(), column.name()));
      if (value != null && !values.has(column.name())) {
        values.set(column.name(), row.typed() ? value : Cells.typed(value, column));
      }
    }
    return new Row(row.source(), row.line(), values, true);
  }
}
