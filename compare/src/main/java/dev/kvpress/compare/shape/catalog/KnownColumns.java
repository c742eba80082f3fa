package dev.kvpress.compare.shape.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableSet;
import dev.kvpress.compare.data.Row;
import dev.kvpress.compare.shape.ShapeCard;
import java.util.Map;
import java.util.Set;

/**
 * The columns by which a file was taken for a shape. Not all of its rows were looked at for that,
 * and a later one may bring a column that would have decided otherwise.
 *
 * @param seen in the first rows
 * @param guessed whether nothing but the columns told what the file is for
 */
record KnownColumns(Set<String> seen, boolean guessed) {
  KnownColumns {
    seen = ImmutableSet.copyOf(seen);
  }

  /**
   * Looks at a row.
   *
   * @param columns which of the first rows' columns are which of the shape
   * @throws dev.kvpress.compare.data.DataException if it has a text, list or object that none of
   *     the first rows has, and that the shape does not read under that name
   */
  void check(Row row, ShapedColumns columns) {
    ShapeCard card = columns.shape().card();
    for (Map.Entry<String, JsonNode> field : row.values().properties()) {
      String name = field.getKey();
      if (seen.contains(name) || ShapeCard.isIdentifier(name) || isMere(field.getValue())) {
        continue;
      }
      boolean read = card.columns().stream().anyMatch(column -> column.isCalled(name));
      if (guessed && !read) {
        throw row.error(
            "has the column %s, which none of the first rows has by which the file was taken for %s; leave it out, put rows of one kind into a file, or say TASK=FILE"
                .formatted(name, card.name()));
      }
    }
  }

  private static boolean isMere(JsonNode value) {
    return value.isNull() || value.isNumber() || value.isBoolean();
  }
}
