package dev.kvpress.compare.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;

/**
 * One line of a data file.
 *
 * @param source name of the file or stream, for messages
 * @param number counted from 1
 * @param text without the line end
 */
public record Line(String source, int number, String text) {
  private static final int SHOWN_CHARACTERS = 40;

  /** Documents may be long; NaN and Infinity are what Python's json module writes. */
  static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                  // Of two values of one name nobody knows which is meant.
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Checks the range. */
  public Line {
    Objects.requireNonNull(source, "source is null");
    Objects.requireNonNull(text, "text is null");
    if (number < 1) {
      throw new IllegalArgumentException("number must be at least 1, found " + number);
    }
  }

  /** Whether there is nothing but white space on it. */
  public boolean isBlank() {
    return text.isBlank();
  }

  /**
   * The JSON object that stands on this line.
   *
   * @throws DataException if the line is no JSON, or something else than one object
   */
  public ObjectNode object() {
    JsonNode node;
    try {
      node = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      if (isDuplicate(e)) {
        throw new DataException(place() + reason(e) + "; leave one of them", e);
      }
      String column =
          e.getLocation() == null ? "" : " (column " + e.getLocation().getColumnNr() + ")";
      throw new DataException(
          place()
              + "expected one JSON object, found "
              + shown()
              + column
              + "; write one complete object a line",
          e);
    }
    if (!(node instanceof ObjectNode object)) {
      throw new DataException(
          place() + "expected one JSON object, found " + shown() + "; write one object a line");
    }
    return object;
  }

  private static boolean isDuplicate(JsonProcessingException e) {
    return e.getOriginalMessage().startsWith("Duplicate field");
  }

  /** What is wrong with a JSON text, without where. */
  static String reason(JsonProcessingException e) {
    return isDuplicate(e)
        ? e.getOriginalMessage().replace("Duplicate field", "a name stands twice in an object:")
        : e.getOriginalMessage();
  }

  /** The beginning of a message about this line: file, line number, colon. */
  public String place() {
    return source + ":" + number + ": ";
  }

  private String shown() {
    if (isBlank()) {
      return "a blank line";
    }
    return text.length() <= SHOWN_CHARACTERS
        ? text
        : text.substring(0, text.offsetByCodePoints(0, SHOWN_CHARACTERS / 2)) + "…";
  }
}
