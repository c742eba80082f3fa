package dev.kvpress.compare.serve.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads requests and writes answers. What is read must be UTF-8 without a byte order mark, one
 * object and nothing behind it, no name twice in an object, no deeper and with no longer numbers
 * than any request has.
 */
public final class JsonText {
  // Prompts are lists of lists; the rest is flatter.
  private static final int DEEPEST = 32;
  private static final int LONGEST_NUMBER = 64;
  private static final int LONGEST_NAME = 256;
  // Each value takes tens of bytes once it is read, two bytes of text or not. A million of them are
  // more ids than any batch of prompts has.
  private static final long MOST_VALUES = 1_000_000;
  private static final char BYTE_ORDER_MARK = '\ufeff';

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxNumberLength(LONGEST_NUMBER)
                          .maxNameLength(LONGEST_NAME)
                          .maxStringLength(Integer.MAX_VALUE)
                          .maxTokenCount(MOST_VALUES)
                          .build())
                  .build())
          .build();

  private JsonText() {}

  /** An empty object. */
  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** An empty list. */
  public static ArrayNode list() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /** A tree of maps, lists and plain values. */
  public static JsonNode tree(Object value) {
    return MAPPER.valueToTree(value);
  }

  /** As UTF-8. */
  public static byte[] bytes(JsonNode tree) {
    try {
      return MAPPER.writeValueAsBytes(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an answer cannot be written as JSON", e);
    }
  }

  /**
   * Reads a request.
   *
   * @throws ApiException saying what is wrong and where
   */
  public static ObjectNode read(byte[] body) {
    CharBuffer text = text(body);
    if (text.length() > 0 && text.charAt(0) == BYTE_ORDER_MARK) {
      throw ApiException.body("the body begins with a byte order mark; leave it out");
    }
    try (JsonParser parser =
        MAPPER
            .getFactory()
            .createParser(text.array(), text.arrayOffset() + text.position(), text.length())) {
      JsonNode tree = parser.nextToken() == null ? null : MAPPER.readTree(parser);
      if (!(tree instanceof ObjectNode request)) {
        throw ApiException.body(
            "expected a JSON object, found " + (tree == null ? "an empty body" : kind(tree)));
      }
      if (parser.nextToken() != null) {
        throw ApiException.body("expected nothing behind the JSON object, found more");
      }
      return request;
    } catch (JsonProcessingException e) {
      throw ApiException.body("the body is no JSON that can be read: " + reason(e));
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
  }

  private static CharBuffer text(byte[] body) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(body));
    } catch (CharacterCodingException e) {
      throw ApiException.body("the body is not UTF-8; send it in UTF-8");
    }
  }

  /** In words, without names of classes. */
  private static String reason(JsonProcessingException e) {
    String plain =
        String.valueOf(e.getOriginalMessage())
            .replaceAll(",? ?(from|for) `[^`]*`", "")
            .replaceAll("\\s*\\R\\s*", " ");
    return e.getLocation() == null
        ? plain
        : "%s (line %d, column %d)"
            .formatted(plain, e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }

  /** What a value is, for messages. */
  public static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "a list";
      case BOOLEAN -> node.asText();
      case NULL -> "null";
      case NUMBER -> "the number " + shortened(node.asText());
      case OBJECT -> "an object";
      case STRING -> "the string '" + shortened(node.textValue()) + "'";
      default -> "something else";
    };
  }

  /** A text for messages, which hostile ones may not fill. */
  public static String shortened(String text) {
    int longest = 80;
    return text.codePointCount(0, text.length()) <= longest
        ? text
        : text.substring(0, text.offsetByCodePoints(0, longest)) + "…";
  }
}
