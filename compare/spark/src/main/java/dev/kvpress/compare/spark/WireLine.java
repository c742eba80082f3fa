package dev.kvpress.compare.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line between a comparison and its workers: a word that says what it is, and JSON.
 *
 * @param kind the word
 * @param json what stands behind it, as it came
 */
record WireLine(String kind, String json) {
  static final String OPEN = "open";
  static final String RUN = "run";
  static final String END = "end";
  static final String READY = "ready";
  static final String FINISHED = "finished";
  static final String LOST = "lost";
  static final String FAULT = "fault";
  static final String NOTE = "note";

  private static final Pattern FORM = Pattern.compile("([a-z]{1,20}) (\\{.*})");

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The line that a text is; empty for a torn one or something else that was printed. */
  static Optional<WireLine> find(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(new WireLine(matcher.group(1), matcher.group(2)))
        : Optional.empty();
  }

  /**
   * The line that a text is.
   *
   * @throws IllegalArgumentException if it is none
   */
  static WireLine parse(String text) {
    return find(text)
        .orElseThrow(
            () -> new IllegalArgumentException("expected a word and JSON, found: " + text));
  }

  /** What cannot go on at all, and why. */
  static WireLine fault(String message) {
    return of(FAULT, "message", message);
  }

  /** A context that is given up, and why. */
  static WireLine lost(int context, String message) {
    return of(LOST, JSON.createObjectNode().put("context", context).put("message", message));
  }

  /** A remark for the user. */
  static WireLine note(String text) {
    return of(NOTE, "message", text);
  }

  /** A line with one field of text. */
  static WireLine of(String kind, String field, String text) {
    return of(kind, JSON.createObjectNode().put(field, text));
  }

  static WireLine of(String kind, ObjectNode json) {
    return new WireLine(kind, json.toString());
  }

  /**
   * The number of the context that the line is about.
   *
   * @throws IllegalArgumentException if it names none
   */
  int context() {
    JsonNode number = object().path("context");
    if (!number.isInt()) {
      throw new IllegalArgumentException("expected the number of a context, found: " + this);
    }
    return number.intValue();
  }

  /** A field of text; empty if it is not there. */
  String text(String field) {
    return object().path(field).asText("");
  }

  /**
   * What stands behind the word.
   *
   * @throws IllegalArgumentException if it is no JSON object
   */
  ObjectNode object() {
    try {
      if (JSON.readTree(json) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("expected JSON behind the first word, found: " + this, e);
    }
    throw new IllegalArgumentException("expected a JSON object, found: " + this);
  }

  /** As it is sent. */
  @Override
  public String toString() {
    return kind + " " + json;
  }
}
