package dev.kvpress.compare.shape.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.Doubles;
import com.google.common.primitives.Ints;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Lists and dictionaries as Python and NumPy print them, which is how pandas, and with it Hugging
 * Face's {@code to_csv}, writes them into the cells of CSV: {@code ['a', 'b']}, {@code ['a' 'b']},
 * {@code {'text': array(['a'], dtype=object)}}. What NumPy has shortened with dots is none.
 */
final class PythonLiteral {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String ARRAY = "array(";
  private static final Map<Character, Character> ESCAPES =
      Map.of('n', '\n', 't', '\t', 'r', '\r', '\\', '\\', '\'', '\'', '"', '"');
  private static final Map<Character, Integer> CODE_DIGITS = Map.of('x', 2, 'u', 4, 'U', 8);

  private final String text;
  private int at;

  private PythonLiteral(String text) {
    this.text = text;
  }

  /** What is no such text; never leaves this class. */
  private static final class NoLiteral extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoLiteral() {
      super("no Python literal", null, false, false);
    }
  }

  /** The list or dictionary that a text spells from its first to its last character. */
  static Optional<JsonNode> read(String text) {
    PythonLiteral literal = new PythonLiteral(text);
    try {
      JsonNode value = literal.value();
      literal.passBlanks();
      return value.isContainerNode() && literal.at == text.length()
          ? Optional.of(value)
          : Optional.empty();
    } catch (NoLiteral e) {
      return Optional.empty();
    }
  }

  private JsonNode value() {
    passBlanks();
    return switch (peek()) {
      case '[' -> list(']');
      case '(' -> list(')');
      case '{' -> dictionary();
      case '\'', '"' -> JSON.textNode(string());
      default -> text.startsWith(ARRAY, at) ? array() : word();
    };
  }

  private ArrayNode list(char end) {
    ArrayNode values = JSON.arrayNode();
    at++;
    while (!passed(end)) {
      values.add(value());
      // Python puts commas between values, NumPy nothing but white space.
      boolean blank = Character.isWhitespace(peek());
      boolean comma = passed(',');
      require(blank || comma || peek() == end);
    }
    return values;
  }

  private ObjectNode dictionary() {
    ObjectNode values = JSON.objectNode();
    at++;
    while (!passed('}')) {
      String key = value().asText();
      require(passed(':') && !values.has(key));
      values.set(key, value());
      require(passed(',') || peek() == '}');
    }
    return values;
  }

  private JsonNode array() {
    at += ARRAY.length();
    JsonNode values = value();
    if (passed(',')) {
      passBlanks();
      require(text.startsWith("dtype=", at));
      int end = text.indexOf(')', at);
      require(end >= 0);
      at = end;
    }
    require(values.isArray() && passed(')'));
    return values;
  }

  private String string() {
    char quote = text.charAt(at++);
    StringBuilder content = new StringBuilder();
    while (peek() != quote) {
      char next = text.charAt(at++);
      if (next == '\\') {
        escaped(content);
      } else {
        content.append(next);
      }
    }
    at++;
    return content.toString();
  }

  private void escaped(StringBuilder content) {
    char sign = peek();
    at++;
    @Nullable Integer digits = CODE_DIGITS.get(sign);
    if (digits == null) {
      require(ESCAPES.containsKey(sign));
      content.append(ESCAPES.get(sign));
      return;
    }
    require(at + digits <= text.length());
    @Nullable Integer code = Ints.tryParse(text.substring(at, at + digits), 16);
    if (code == null || !Character.isValidCodePoint(code)) {
      throw new NoLiteral();
    }
    content.appendCodePoint(code);
    at += digits;
  }

  /** A number or one of Python's names. */
  private JsonNode word() {
    int from = at;
    while (at < text.length() && ",]}) \n\t:".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String word = text.substring(from, at);
    return switch (word) {
      case "True" -> JSON.booleanNode(true);
      case "False" -> JSON.booleanNode(false);
      case "None", "nan" -> JSON.nullNode();
      default -> number(word);
    };
  }

  private static JsonNode number(String word) {
    @Nullable Integer whole = Ints.tryParse(word);
    if (whole != null) {
      return JSON.numberNode(whole);
    }
    @Nullable Double number = Doubles.tryParse(word);
    if (number == null) {
      throw new NoLiteral();
    }
    return JSON.numberNode(number);
  }

  private boolean passed(char wanted) {
    passBlanks();
    boolean there = peek() == wanted;
    at += there ? 1 : 0;
    return there;
  }

  private char peek() {
    require(at < text.length());
    return text.charAt(at);
  }

  private void passBlanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new NoLiteral();
    }
  }
}
