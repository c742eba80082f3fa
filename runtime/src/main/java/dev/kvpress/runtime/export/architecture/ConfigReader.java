package dev.kvpress.runtime.export.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.JsonFile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * config.json of a Hugging Face folder, or an object in it, read by whoever knows its kind. It
 * keeps account of what was asked for: a field that nobody has asked for and that is not known to
 * leave the numbers alone is refused by name, never ignored.
 */
public final class ConfigReader {
  private JsonFile json;
  private final Set<String> asked = new HashSet<>();

  /** Reads this object; which fields are asked for is remembered. */
  public ConfigReader(JsonFile json) {
    this.json = json;
  }

  /** File and place in it, for errors. */
  public String place() {
    return json.place();
  }

  /** Whether a field is there and not JSON null. */
  boolean has(String field) {
    asked.add(field);
    return json.has(field);
  }

  /** Whether a field is not there at all; one that is null was written so, and may mean more. */
  boolean absent(String field) {
    asked.add(field);
    return json.entries().stream().noneMatch(entry -> entry.getKey().equals(field));
  }

  /** The field as it stands, or null where it is absent or JSON null. */
  public @Nullable JsonNode raw(String field) {
    asked.add(field);
    return json.raw(field);
  }

  /** A nested object, or null where the field is absent or JSON null. */
  public @Nullable ConfigReader object(String field) {
    asked.add(field);
    JsonFile nested = json.object(field);
    return nested == null ? null : new ConfigReader(nested);
  }

  /** A whole number that must be there. */
  public int integer(String field) {
    asked.add(field);
    return json.integer(field);
  }

  int integer(String field, int otherwise) {
    asked.add(field);
    return json.integer(field, otherwise);
  }

  double number(String field) {
    asked.add(field);
    return json.number(field);
  }

  double number(String field, double otherwise) {
    asked.add(field);
    return json.number(field, otherwise);
  }

  /** True or false; the default where the field is missing. */
  public boolean flag(String field, boolean otherwise) {
    asked.add(field);
    return json.flag(field, otherwise);
  }

  /** A text; the default where the field is missing. */
  public String text(String field, String otherwise) {
    asked.add(field);
    return json.text(field, otherwise);
  }

  /** A list of numbers that must be there. */
  List<Double> numbers(String field) {
    JsonNode node = raw(field);
    List<Double> numbers = new ArrayList<>();
    if (node == null || !node.isArray()) {
      throw new ModelException(
          "%s: field %s must be a list of numbers, found %s".formatted(place(), field, node));
    }
    for (JsonNode element : node) {
      if (!element.isNumber()) {
        throw new ModelException(
            "%s: field %s must be a list of numbers, found %s in it"
                .formatted(place(), field, element));
      }
      numbers.add(element.doubleValue());
    }
    return numbers;
  }

  /** A list of strings, empty where the field is absent. */
  List<String> texts(String field) {
    JsonNode node = raw(field);
    List<String> texts = new ArrayList<>();
    if (node == null) {
      return texts;
    }
    if (!node.isArray()) {
      throw new ModelException(
          "%s: field %s must be a list, found %s".formatted(place(), field, node));
    }
    node.forEach(element -> texts.add(element.asText()));
    return texts;
  }

  /**
   * Under which of several names a field stands; the first where it is absent. All that are there
   * must agree.
   *
   * @param names the usual name first
   */
  public String named(String... names) {
    String found = names[0];
    JsonNode value = null;
    for (String name : names) {
      JsonNode node = raw(name);
      if (node == null) {
        continue;
      }
      if (value == null) {
        found = name;
        value = node;
      } else if (!agree(value, node)) {
        throw new ModelException(
            "%s: %s is %s but %s is %s, although both mean the same"
                .formatted(place(), found, value, name, node));
      }
    }
    return found;
  }

  private static boolean agree(JsonNode a, JsonNode b) {
    return a.isNumber() && b.isNumber() ? a.doubleValue() == b.doubleValue() : a.equals(b);
  }

  /** What an absent field means to the original code of this architecture. */
  void assume(String field, int value) {
    json = json.withDefault(field, value);
  }

  /** Takes note of fields that the original code of this architecture does not read. */
  public void ignore(String... fields) {
    for (String field : fields) {
      asked.add(field);
    }
  }

  /**
   * Fails unless a field that the architecture does not vary has the value that it computes with.
   *
   * @param expected what the graph does; an absent field means the same
   */
  public void require(String field, boolean expected) {
    if (flag(field, expected) != expected) {
      throw new ModelException(
          "%s: %s %s is not supported; supported is %s"
              .formatted(place(), field, !expected, expected));
    }
  }

  /** The same for a number. */
  void require(String field, double expected) {
    double found = number(field, expected);
    if (found != expected) {
      throw unsupported(field, found, String.valueOf(expected));
    }
  }

  /** The same for a text that may be one of several. */
  public void require(String field, String... expected) {
    String found = text(field, expected[0]);
    if (!List.of(expected).contains(found)) {
      throw unsupported(field, found, String.join(" or ", expected));
    }
  }

  /** The same for a field that must be absent or null. */
  void requireAbsent(String field) {
    JsonNode found = raw(field);
    if (found != null) {
      throw unsupported(field, found, "null");
    }
  }

  /**
   * The same for a field that must be absent, null, or an object or list without anything in it.
   */
  public void requireEmpty(String field) {
    JsonNode found = raw(field);
    if (found != null && !(found.isContainerNode() && found.isEmpty())) {
      throw unsupported(field, found, "null");
    }
  }

  /** Names of all fields that are there and not JSON null. */
  public List<String> fields() {
    return json.entries().stream()
        .filter(entry -> !entry.getValue().isNull())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** A refusal that names file and field. */
  public ModelException unsupported(String field, @Nullable Object found, String supported) {
    return new ModelException(
        "%s: %s %s is not supported; supported is %s".formatted(place(), field, found, supported));
  }

  /** Fails if a field is there that nobody has asked for. */
  public void requireAllUnderstood() {
    List<String> unknown = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : json.entries()) {
      boolean absent = entry.getValue().isNull();
      if (!absent && !asked.contains(entry.getKey()) && !HarmlessFields.has(entry.getKey())) {
        unknown.add(entry.getKey());
      }
    }
    if (!unknown.isEmpty()) {
      throw new ModelException(
          "%s: field %s is not understood and may change the numbers; take it out of the file if it does not"
              .formatted(place(), String.join(", ", unknown)));
    }
  }
}
