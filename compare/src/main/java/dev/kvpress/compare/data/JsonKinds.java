package dev.kvpress.compare.data;

import com.fasterxml.jackson.databind.JsonNode;

/** What JSON values are called in messages. */
final class JsonKinds {
  private JsonKinds() {}

  /** The kind of a value in words. */
  static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> node.isEmpty() ? "an empty list" : "a list";
      case OBJECT -> "an object";
      case STRING -> "a string";
      case NULL -> "null";
      case NUMBER -> "a number";
      case BOOLEAN -> "a truth value";
      default -> node.getNodeType().toString();
    };
  }

  /** A number itself, else the kind. */
  static String shown(JsonNode node) {
    return node.isNumber() ? node.toString() : kind(node);
  }
}
