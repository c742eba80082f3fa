package dev.kvpress.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.text.sentencepiece.CharsMap;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Set;

/**
 * What the tokenizer library understands. It passes over keys that it does not know, and some
 * values make it end the whole program (a panic in its Rust code aborts the process), so both are
 * refused here, by name.
 */
final class PartRules {
  private static final String SEQUENCE = "Sequence";
  private static final String TYPE = "type";

  private static final Set<String> ADDED_TOKEN =
      Set.of("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");

  private final Path file;

  private PartRules(Path file) {
    this.file = file;
  }

  /**
   * Checks all parts.
   *
   * @throws ModelException naming the part and what of it is not understood
   */
  static void check(TokenizerParts parts, Path file) {
    PartRules rules = new PartRules(file);
    rules.check(PartTypes.NORMALIZER, parts.normalizer());
    rules.check(PartTypes.PRE_TOKENIZER, parts.preTokenizer());
    rules.check(PartTypes.POST_PROCESSOR, parts.postProcessor());
    rules.check(PartTypes.DECODER, parts.decoder());
    rules.checkModel(parts.model());
    Growth.check(parts.normalizer(), file);
  }

  static void checkAddedToken(JsonNode entry, Path file) {
    new PartRules(file).checkKeys("added_tokens", entry, ADDED_TOKEN);
    if (!entry.path("content").isTextual()) {
      throw new ModelException(file + ": added_tokens: expected a content, found " + entry);
    }
  }

  private void check(PartTypes known, JsonNode part) {
    if (part.isMissingNode() || part.isNull()) {
      return;
    }
    String type = part.path(TYPE).asText();
    String what = known.part() + " " + type;
    if (!known.has(type)) {
      throw new ModelException(
          "%s: %s: expected one of the types %s, found %s"
              .formatted(
                  file,
                  known.part(),
                  known.types(),
                  part.path(TYPE).isTextual() ? '"' + type + '"' : shortened(part)));
    }
    checkKeys(what, part, known.keys(type));
    if (type.equals(SEQUENCE)) {
      part.forEach(members -> members.forEach(member -> check(known, member)));
    } else {
      checkValues(what, part);
    }
  }

  private void checkModel(ObjectNode model) {
    if (model.has(TYPE)) {
      check(PartTypes.MODEL, model);
    } else if (PartTypes.MODEL.types().stream().noneMatch(type -> fits(model, type))) {
      // Files of 2020 leave the type out; the library then tells it by the keys.
      throw new ModelException(
          file + ": model: expected a type, found none and keys of no type: " + shortened(model));
    }
    JsonNode dropout = model.path("dropout");
    if (dropout.isNumber() && dropout.doubleValue() != 0) {
      throw new ModelException(
          file
              + ": model.dropout: expected none, found "
              + dropout
              + ", with which no text has the same tokens twice; set it to null");
    }
  }

  private static boolean fits(ObjectNode model, String type) {
    return model.properties().stream()
        .allMatch(entry -> PartTypes.MODEL.keys(type).contains(entry.getKey()));
  }

  private void checkKeys(String what, JsonNode part, Set<String> known) {
    part.fieldNames()
        .forEachRemaining(
            key -> {
              if (!known.contains(key)) {
                throw new ModelException(
                    "%s: %s: found the key \"%s\", which means nothing known; expected %s"
                        .formatted(file, what, key, known));
              }
            });
  }

  private void checkValues(String what, JsonNode part) {
    if (part.has("precompiled_charsmap")) {
      checkCharsMap(what, part.get("precompiled_charsmap"));
    }
    if (part.path("length").isNumber() && part.path("length").longValue() < 1) {
      throw new ModelException(
          file + ": " + what + ": length: expected at least 1, found " + part.path("length"));
    }
    if (part.path("stop").isNumber() && part.path("stop").longValue() != 0) {
      throw new ModelException(
          file
              + ": "
              + what
              + ": stop: expected 0, found "
              + part.path("stop")
              + "; text that is stripped at its end is not supported");
    }
    JsonNode regex = part.path("pattern").path("Regex");
    if (regex.isTextual()) {
      RegexRisk.find(regex.textValue())
          .ifPresent(
              risk -> {
                throw new ModelException(
                    file + ": " + what + ": " + risk + ": " + shortened(regex));
              });
    }
  }

  private void checkCharsMap(String what, JsonNode map) {
    try {
      CharsMap.read(Base64.getDecoder().decode(map.asText()));
    } catch (IllegalArgumentException e) {
      throw new ModelException(
          file + ": " + what + ": precompiled_charsmap: " + e.getMessage() + "; is it complete?",
          e);
    }
  }

  private static String shortened(JsonNode node) {
    String text = node.toString();
    return text.length() > 80 ? text.substring(0, 80) + "…" : text;
  }
}
