package dev.kvpress.compare.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A line between a comparison and its workers: a word that says what it is, and JSON.
 *
 * @param kind the word
 * @param json what stands behind it, as it came; may be empty
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

  private static final ObjectMapper JSON = new ObjectMapper();

  static WireLine parse(String line) {
    int space = line.indexOf(' ');
    return space < 0
        ? new WireLine(line, "")
        : new WireLine(line.substring(0, space), line.substring(space + 1));
  }

  /** What cannot go on at all, and why. */
  static WireLine fault(String message) {
    return of(FAULT, JSON.createObjectNode().put("message", message));
  }

  /** A context that is given up, and why. */
  static WireLine lost(int context, String message) {
    return of(LOST, JSON.createObjectNode().put("context", context).put("message", message));
  }

  /** A remark for the user. */
  static WireLine note(String text) {
    return of(NOTE, JSON.createObjectNode().put("text", text));
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
    return json.isEmpty() ? kind : kind + " " + json;
  }
}
