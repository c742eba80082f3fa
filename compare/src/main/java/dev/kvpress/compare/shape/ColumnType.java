package dev.kvpress.compare.shape;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.Streams;
import java.util.function.Predicate;

/** What a column may hold. */
public enum ColumnType {
  /** A text. */
  TEXT("a text", JsonNode::isTextual),
  /** A list of texts or numbers. */
  TEXTS("a list of texts", ColumnType::isListOfTexts),
  /**
   * One text to be answered. A column of nothing but numbers may as well say classes, and is taken
   * for answers only where somebody said what the file is for.
   */
  ANSWER("a text", ColumnType::isScalar),
  /** One text or number, or a list of them. */
  ANSWERS("a text or a list of texts", node -> isScalar(node) || isListOfTexts(node)),
  /** A list of objects or lists. */
  LIST("a list", node -> node.isArray() || node.isObject()),
  /** An object with a list {@code text}, as Hugging Face keeps answers and choices. */
  TEXT_STRUCT("an object with the list text", node -> isListOfTexts(node.path("text"))),
  /** A list of whole numbers. */
  NUMBERS(
      "a list of whole numbers",
      node -> node.isArray() && Streams.stream(node).allMatch(JsonNode::isIntegralNumber)),
  /** A number. */
  NUMBER("a number", JsonNode::isNumber),
  /** A class: a number, a truth value or a text. */
  LABEL("a number or a text", node -> isScalar(node) || node.isBoolean()),
  /** Whatever it is: it changes nothing. */
  ANY("anything", node -> true);

  private final String words;
  private final Predicate<JsonNode> holds;

  ColumnType(String words, Predicate<JsonNode> holds) {
    this.words = words;
    this.holds = holds;
  }

  /** What is expected, for messages. */
  public String words() {
    return words;
  }

  /** Whether a value that is not null is of this type. */
  public boolean holds(JsonNode value) {
    return holds.test(value);
  }

  private static boolean isScalar(JsonNode node) {
    return node.isTextual() || node.isNumber();
  }

  private static boolean isListOfTexts(JsonNode node) {
    return node.isArray() && Streams.stream(node).allMatch(ColumnType::isScalar);
  }
}
