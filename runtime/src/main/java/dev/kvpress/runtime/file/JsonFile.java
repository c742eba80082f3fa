package dev.kvpress.runtime.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON object in a file, read field by field with errors that name file and field. */
public final class JsonFile {
  /**
   * Larger configuration files do not exist; a limit keeps a hostile one from filling the memory.
   */
  private static final long MAX_BYTES = 64L << 20;

  /** Values and fields, for the same reason: a tree takes many times the memory of its text. */
  private static final long MAX_TOKENS = 8L << 20;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxTokenCount(MAX_TOKENS).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final String place;
  private final JsonNode node;

  private JsonFile(String place, JsonNode node) {
    this.place = place;
    this.node = node;
  }

  /**
   * Reads a file.
   *
   * @throws ModelException if it cannot be read or holds no JSON object
   */
  public static JsonFile read(Path file) {
    LfsPointer.refuse(file);
    FileFaults.requireContent(file);
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new ModelException(
            file + ": expected a JSON file of at most " + MAX_BYTES + " bytes, found " + size);
      }
      return new JsonFile(
          file.toString(), parseObject(Files.readAllBytes(file), file.toString(), "the file"));
    } catch (IOException e) {
      throw new ModelException(file + ": cannot read: " + FileFaults.reason(e), e);
    }
  }

  /** An object that is in memory; {@code place} says where it comes from. */
  public static JsonFile of(String place, JsonNode object) {
    return new JsonFile(place, object);
  }

  /** Parses an object; {@code what} says which part of the file it is. */
  public static JsonNode parseObject(byte[] bytes, String place, String what) {
    JsonNode parsed;
    try {
      parsed = MAPPER.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new ModelException(place + ": " + what + " is no JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new ModelException(place + ": " + what + " is no JSON: " + e.getMessage(), e);
    }
    if (parsed == null || !parsed.isObject()) {
      throw new ModelException(
          place
              + ": "
              + what
              + " must be a JSON object, found "
              + (parsed == null || parsed.isMissingNode() ? "nothing" : parsed.getNodeType()));
    }
    return parsed;
  }

  /** File and place in it, for errors. */
  public String place() {
    return place;
  }

  /** All fields in their order. */
  public List<Map.Entry<String, JsonNode>> entries() {
    return List.copyOf(node.properties());
  }

  /** Whether a field is there and not JSON null. */
  public boolean has(String field) {
    return node.hasNonNull(field);
  }

  /** The raw node, or null where the field is absent or JSON null. */
  public @Nullable JsonNode raw(String field) {
    return node.hasNonNull(field) ? node.get(field) : null;
  }

  /** A nested object, or null where the field is absent or JSON null. */
  public @Nullable JsonFile object(String field) {
    JsonNode child = raw(field);
    if (child == null) {
      return null;
    }
    if (!child.isObject()) {
      throw wrong(field, "an object", child);
    }
    return new JsonFile(place + ": " + field, child);
  }

  /** The same object with a field added where it is absent. */
  public JsonFile withDefault(String field, int value) {
    if (node.has(field)) {
      return this;
    }
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    node.properties().forEach(entry -> copy.set(entry.getKey(), entry.getValue()));
    return new JsonFile(place, copy.put(field, value));
  }

  /** The same object without a field. */
  public JsonFile without(String field) {
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    node.properties().forEach(entry -> copy.set(entry.getKey(), entry.getValue()));
    copy.remove(field);
    return new JsonFile(place, copy);
  }

  /** An integer that must be there. */
  public int integer(String field) {
    JsonNode value = required(field);
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw wrong(field, "an integer of 32 bits", value);
    }
    return value.intValue();
  }

  /** An integer, or another where it is absent. */
  public int integer(String field, int otherwise) {
    return has(field) ? integer(field) : otherwise;
  }

  /** All elements of a list of strings; empty where the field is absent. */
  public List<String> texts(String field) {
    JsonNode value = raw(field);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrong(field, "a list", value);
    }
    List<String> texts = new ArrayList<>();
    value.forEach(element -> texts.add(element.asText()));
    return texts;
  }

  /** A number that must be there. */
  public double number(String field) {
    JsonNode value = required(field);
    if (!value.isNumber()) {
      throw wrong(field, "a number", value);
    }
    return value.doubleValue();
  }

  /** A number, or another where it is absent. */
  public double number(String field, double otherwise) {
    return has(field) ? number(field) : otherwise;
  }

  /** True or false, or another answer where it is absent. */
  public boolean flag(String field, boolean otherwise) {
    JsonNode value = raw(field);
    if (value == null) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw wrong(field, "true or false", value);
    }
    return value.booleanValue();
  }

  /** A string, or another where it is absent. */
  public String text(String field, String otherwise) {
    JsonNode value = raw(field);
    if (value == null) {
      return otherwise;
    }
    if (!value.isTextual()) {
      throw wrong(field, "a string", value);
    }
    return value.textValue();
  }

  private JsonNode required(String field) {
    JsonNode value = raw(field);
    if (value == null) {
      throw new ModelException(place + ": field " + field + " is missing");
    }
    return value;
  }

  private ModelException wrong(String field, String expected, JsonNode found) {
    String text = found.toString();
    return new ModelException(
        place
            + ": field "
            + field
            + " must be "
            + expected
            + ", found "
            + (text.length() > 60 ? text.substring(0, 60) + "…" : text));
  }
}
