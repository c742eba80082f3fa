package dev.kvpress.compare.shape.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.google.common.primitives.Doubles;
import com.google.common.primitives.Longs;
import dev.kvpress.compare.shape.Column;
import dev.kvpress.compare.shape.ColumnType;
import org.jspecify.annotations.Nullable;

/** Values of containers that know texts only, such as CSV, as a column wants them. */
final class Cells {
  /** A text that only begins as JSON is a text. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private Cells() {}

  /**
   * The value as the column's type, where the text spells one; else the text itself. An empty cell
   * is no value, except where a text is needed, which may be empty.
   */
  static JsonNode typed(JsonNode cell, Column column) {
    String text = cell.asText();
    boolean wantsText = column.type() == ColumnType.TEXT && column.isRequired();
    if (text.isEmpty()) {
      return wantsText ? cell : NullNode.getInstance();
    }
    if (column.type() == ColumnType.NUMBER || column.type() == ColumnType.LABEL) {
      return number(cell, text);
    }
    boolean list = column.type() == ColumnType.ANSWERS && text.startsWith("[");
    return column.type().isStructured() || list ? structure(cell, text) : cell;
  }

  private static JsonNode number(JsonNode cell, String text) {
    @Nullable Long whole = Longs.tryParse(text);
    if (whole != null) {
      return whole.intValue() == whole
          ? IntNode.valueOf(whole.intValue())
          : LongNode.valueOf(whole);
    }
    @Nullable Double number = Doubles.tryParse(text);
    return number == null ? cell : DoubleNode.valueOf(number);
  }

  private static JsonNode structure(JsonNode cell, String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return cell;
    }
  }
}
