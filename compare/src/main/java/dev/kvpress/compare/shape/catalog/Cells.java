package dev.kvpress.compare.shape.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.google.common.primitives.Doubles;
import com.google.common.primitives.Longs;
import dev.kvpress.compare.shape.Column;
import dev.kvpress.compare.shape.ColumnType;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Values of containers that know texts only, such as CSV, as a column wants them. */
final class Cells {
  /** A text that only begins as JSON is a text. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private static final Pattern PRINTED =
      Pattern.compile("\\[\\s*['\"].*\\]|\\{\\s*['\"].*\\}", Pattern.DOTALL);

  private Cells() {}

  /**
   * The value as the column's type, where the text spells one; else the text itself. An empty cell
   * is no value, except where a text is needed, which may be empty.
   */
  static JsonNode typed(JsonNode cell, Column column) {
    String text = cell.asText();
    if (text.isEmpty()) {
      return column.type() == ColumnType.TEXT && column.isRequired()
          ? cell
          : NullNode.getInstance();
    }
    return switch (column.type()) {
      case NUMBER, LABEL -> number(cell, text);
      case TEXTS, LIST, TEXT_STRUCT, NUMBERS -> structure(text).orElse(cell);
      case ANSWERS -> structure(text).orElseGet(() -> isPrinted(text) ? unreadable(text) : cell);
      case TEXT, ANSWER, ANY -> cell;
    };
  }

  /**
   * Whether a text looks like a list or an object of texts that a program printed: nobody means
   * that text itself.
   */
  static boolean isPrinted(String text) {
    return PRINTED.matcher(text).matches();
  }

  private static Optional<JsonNode> structure(String text) {
    if (!text.startsWith("[") && !text.startsWith("{")) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readTree(text));
    } catch (JsonProcessingException e) {
      return PythonLiteral.read(text);
    }
  }

  /** What is no answer: lists that were shortened when they were printed. */
  private static JsonNode unreadable(String text) {
    return JsonNodeFactory.instance.objectNode().put("unreadable", text);
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
}
