package dev.kvpress.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How the text that ids stand for may still change when more ids come.
 *
 * @param bytesWait whether a run of byte pieces is judged as a whole: one byte that fits nowhere
 *     makes all of them replacement characters
 * @param settles whether the text of the first ids is the beginning of every longer text, but for
 *     such a run and a character that is not whole yet
 */
record PieceFlow(boolean bytesWait, boolean settles) {
  /** After these there is one text instead of pieces. */
  private static final Set<String> JOINERS = Set.of("Fuse", "ByteLevel");

  /** What may be done to one text without looking at its end. */
  private static final Set<String> HARMLESS = Set.of("Fuse", "Strip");

  /** How a decoder of a {@code tokenizer.json} behaves. */
  static PieceFlow of(JsonNode decoder) {
    List<String> steps = new ArrayList<>();
    flatten(decoder, steps);
    boolean joined = false;
    boolean settles = true;
    for (String step : steps) {
      settles &= !joined || HARMLESS.contains(step);
      joined |= JOINERS.contains(step);
    }
    return new PieceFlow(steps.contains("ByteFallback"), settles);
  }

  private static void flatten(JsonNode decoder, List<String> steps) {
    if (decoder.has("decoders")) {
      decoder.get("decoders").forEach(member -> flatten(member, steps));
    } else {
      steps.add(decoder.path("type").asText());
    }
  }
}
