package dev.kvpress.compare.serve.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The fields of an object, read by type. A field that is null is one that is not there; one of
 * another type or out of range ends the request with its name.
 */
public final class Fields {
  private static final double WHOLE = 9.007199254740992e15;

  private final ObjectNode object;
  private final String path;

  /** Those of a request. */
  public Fields(ObjectNode request) {
    this(request, "");
  }

  /**
   * Those of an object within.
   *
   * @param path where it stands, for instance {@code messages[2]}; empty for the request itself
   */
  public Fields(ObjectNode object, String path) {
    this.object = object;
    this.path = path;
  }

  /** The object itself. */
  public ObjectNode object() {
    return object;
  }

  /** How a field is called in messages. */
  public String named(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** A field of any type. */
  public Optional<JsonNode> any(String name) {
    return Optional.ofNullable(object.get(name)).filter(node -> !node.isNull());
  }

  /** A whole number in a closed range. */
  public OptionalInt integer(String name, int min, int max) {
    OptionalLong found = whole(name, min, max);
    return found.isPresent() ? OptionalInt.of((int) found.getAsLong()) : OptionalInt.empty();
  }

  /** A whole number in a closed range, of 64 bits. */
  public OptionalLong whole(String name, long min, long max) {
    Optional<JsonNode> node = any(name);
    if (node.isEmpty()) {
      return OptionalLong.empty();
    }
    if (node.get().isIntegralNumber() && node.get().canConvertToLong()) {
      long value = node.get().longValue();
      if (value >= min && value <= max) {
        return OptionalLong.of(value);
      }
    }
    throw wrong(name, "a whole number from %d to %d".formatted(min, max), node.get());
  }

  /** A number in a closed range. */
  public OptionalDouble number(String name, double min, double max) {
    Optional<JsonNode> node = any(name);
    if (node.isEmpty()) {
      return OptionalDouble.empty();
    }
    if (node.get().isNumber()) {
      double value = node.get().doubleValue();
      if (value >= min && value <= max) {
        return OptionalDouble.of(value);
      }
    }
    throw wrong(name, "a number from %s to %s".formatted(shown(min), shown(max)), node.get());
  }

  private static String shown(double bound) {
    return bound == Math.rint(bound) && Math.abs(bound) < WHOLE
        ? String.valueOf((long) bound)
        : String.valueOf(bound);
  }

  /** true or false; false where it is not there. */
  public boolean flag(String name) {
    return flag(name, false);
  }

  /** true or false. */
  public boolean flag(String name, boolean otherwise) {
    Optional<JsonNode> node = any(name);
    if (node.isPresent() && !node.get().isBoolean()) {
      throw wrong(name, "true or false", node.get());
    }
    return node.map(JsonNode::booleanValue).orElse(otherwise);
  }

  /** A string. */
  public Optional<String> text(String name, int mostCharacters) {
    Optional<JsonNode> node = any(name);
    return node.map(found -> text(name, found, mostCharacters));
  }

  /** A string that is at hand, which stands in a field. */
  public String text(String name, JsonNode node, int mostCharacters) {
    if (!node.isTextual()) {
      throw wrong(name, "a string", node);
    }
    String text = node.textValue();
    int characters = text.codePointCount(0, text.length());
    if (characters > mostCharacters) {
      throw ApiException.field(
          named(name),
          "%s: expected at most %d characters, found %d"
              .formatted(named(name), mostCharacters, characters));
    }
    requireWhole(name, text);
    return text;
  }

  /** Escapes may name half a character, which no tokenizer knows. */
  private void requireWhole(String name, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isHighSurrogate(text.charAt(i))
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
      } else if (Character.isSurrogate(text.charAt(i))) {
        throw ApiException.field(
            named(name),
            "%s: character %d is half of a surrogate pair; send whole characters"
                .formatted(named(name), text.codePointCount(0, i)));
      }
    }
  }

  /** An object within. */
  public Optional<Fields> object(String name) {
    Optional<JsonNode> node = any(name);
    if (node.isPresent() && !node.get().isObject()) {
      throw wrong(name, "an object", node.get());
    }
    return node.map(found -> new Fields((ObjectNode) found, named(name)));
  }

  /** A field that is not what it must be. */
  public ApiException wrong(String name, String expected, JsonNode found) {
    return ApiException.field(
        named(name),
        "%s: expected %s, found %s".formatted(named(name), expected, JsonText.kind(found)));
  }

  /** A field that must be there and is not. */
  public ApiException missing(String name, String expected) {
    return ApiException.field(
        named(name), "%s: expected %s, found nothing".formatted(named(name), expected));
  }
}
