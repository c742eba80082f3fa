package dev.kvpress.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * Whether a byte-level tokenizer puts a space before a text. Where transformers reads a folder with
 * a class named in {@code tokenizer_config.json}, that file's {@code add_prefix_space} counts, and
 * its absence as false; the classes around SentencePiece alone leave the {@code tokenizer.json} as
 * it is.
 */
final class PrefixSpace {
  private PrefixSpace() {}

  /** The pre-tokenizer as it is to be, if that differs from what the file has. */
  static Optional<JsonNode> changed(JsonNode own, TokenizerConfig config, TokenizerClass kind) {
    if (!own.path("type").asText().equals("ByteLevel")
        || !config.present()
        || config.className().isEmpty()
        || kind.kind() == TokenizerClass.Kind.SENTENCEPIECE) {
      return Optional.empty();
    }
    boolean wanted = config.flag(TokenizerConfig.ADD_PREFIX_SPACE).orElse(false);
    if (own.path(TokenizerConfig.ADD_PREFIX_SPACE).asBoolean(true) == wanted) {
      return Optional.empty();
    }
    ObjectNode changed = own.deepCopy();
    return Optional.of(changed.put(TokenizerConfig.ADD_PREFIX_SPACE, wanted));
  }
}
