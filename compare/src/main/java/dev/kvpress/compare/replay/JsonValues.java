package dev.kvpress.compare.replay;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Single values of a case. */
final class JsonValues {
  private static final int SHOWN_CHARACTERS = 40;

  private JsonValues() {}

  /**
   * A number as float32, or one of the words that stand for numbers JSON does not have.
   *
   * @param field its name for messages
   * @param letters the shape of the tensor, for instance {@code [B][G][S][D]}
   */
  static float number(JsonParser parser, JsonToken token, String field, String letters)
      throws IOException {
    if (token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT) {
      float value = parser.getFloatValue();
      if (Float.isInfinite(value) && !parser.isNaN()) {
        throw new CaseException(
            "%s: expected numbers within the range of float32, found %s; write \"inf\" for infinity"
                .formatted(field, found(parser)));
      }
      return value;
    }
    if (token == JsonToken.VALUE_STRING) {
      switch (parser.getText()) {
        case "inf", "Infinity":
          return Float.POSITIVE_INFINITY;
        case "-inf", "-Infinity":
          return Float.NEGATIVE_INFINITY;
        case "nan", "NaN":
          return Float.NaN;
        case "fmax":
          return Float.MAX_VALUE;
        default:
          break;
      }
    }
    throw new CaseException(
        "%s: expected numbers (or \"inf\", \"-inf\", \"nan\", \"fmax\") in lists %s, found %s"
            .formatted(field, letters, found(parser)));
  }

  /** A whole number. */
  static int whole(JsonParser parser, String name, int min) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() == JsonParser.NumberType.INT
        && parser.getIntValue() >= min) {
      return parser.getIntValue();
    }
    throw new CaseException(
        "%s: expected a whole number of at least %d, found %s".formatted(name, min, found(parser)));
  }

  /** What stands where something else was expected. */
  static String found(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      return "the end of the line";
    }
    return switch (token) {
      case START_ARRAY -> "a list";
      case START_OBJECT -> "an object";
      case VALUE_NULL -> "null";
      case VALUE_STRING -> "\"" + shortened(parser.getText()) + "\"";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE ->
          shortened(parser.getText());
      default -> "nothing";
    };
  }

  private static String shortened(String text) {
    return text.length() <= SHOWN_CHARACTERS
        ? text
        : text.substring(0, text.offsetByCodePoints(0, SHOWN_CHARACTERS / 2)) + "…";
  }
}
