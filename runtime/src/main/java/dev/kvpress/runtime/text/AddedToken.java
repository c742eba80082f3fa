package dev.kvpress.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;

/**
 * A token that is found in a text before anything else happens to it.
 *
 * @param content how a text spells it
 * @param id absent where only its name is known
 * @param singleWord whether it counts only where no word character touches it
 * @param lstrip whether white space before it belongs to it
 * @param rstrip whether white space behind it belongs to it
 * @param normalized whether it is looked for in the normalized text
 * @param special whether decoding leaves it out
 */
record AddedToken(
    String content,
    OptionalInt id,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip,
    boolean normalized,
    boolean special) {

  /** A token of which nothing but its name is said: special, as it stands. */
  static AddedToken named(String content) {
    return new AddedToken(content, OptionalInt.empty(), false, false, false, false, true);
  }

  /** A token as {@code tokenizer.json} and {@code added_tokens_decoder} write it. */
  static AddedToken of(JsonNode entry, OptionalInt id) {
    boolean special = entry.path("special").asBoolean(false);
    return new AddedToken(
        entry.path("content").asText(),
        id,
        entry.path("single_word").asBoolean(false),
        entry.path("lstrip").asBoolean(false),
        entry.path("rstrip").asBoolean(false),
        entry.path("normalized").asBoolean(!special),
        special);
  }

  AddedToken withId(int newId) {
    return new AddedToken(
        content, OptionalInt.of(newId), singleWord, lstrip, rstrip, normalized, special);
  }

  AddedToken asSpecial() {
    return special
        ? this
        : new AddedToken(content, id, singleWord, lstrip, rstrip, normalized, true);
  }

  /** As {@code tokenizer.json} writes it. */
  void write(ObjectNode entry) {
    entry
        .put("id", id.orElseThrow())
        .put("content", content)
        .put("single_word", singleWord)
        .put("lstrip", lstrip)
        .put("rstrip", rstrip)
        .put("normalized", normalized)
        .put("special", special);
  }
}
