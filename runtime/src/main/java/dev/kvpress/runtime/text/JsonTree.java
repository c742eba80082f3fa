package dev.kvpress.runtime.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** Reads a part of a large file as a tree, as long as it stays small. */
final class JsonTree {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final JsonParser in;
  private int left;

  private JsonTree(JsonParser in, int most) {
    this.in = in;
    this.left = most;
  }

  /**
   * The value at which a parser stands.
   *
   * @param most values in it at most
   * @throws TooManyValues if there are more
   */
  static JsonNode read(JsonParser in, int most) throws IOException {
    return new JsonTree(in, most).value();
  }

  /** A part that is larger than any that means something. */
  static final class TooManyValues extends IOException {
    private static final long serialVersionUID = 1;

    TooManyValues() {
      super("too many values");
    }
  }

  private JsonNode value() throws IOException {
    if (left-- <= 0) {
      throw new TooManyValues();
    }
    JsonToken token = in.currentToken();
    if (token == JsonToken.START_OBJECT) {
      ObjectNode object = NODES.objectNode();
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        in.nextToken();
        object.set(name, value());
      }
      return object;
    }
    if (token == JsonToken.START_ARRAY) {
      ArrayNode array = NODES.arrayNode();
      while (in.nextToken() != JsonToken.END_ARRAY) {
        array.add(value());
      }
      return array;
    }
    return switch (token) {
      case VALUE_STRING -> NODES.textNode(in.getText());
      case VALUE_NUMBER_INT -> NODES.numberNode(in.getBigIntegerValue());
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(in.getDoubleValue());
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      default -> NODES.nullNode();
    };
  }
}
