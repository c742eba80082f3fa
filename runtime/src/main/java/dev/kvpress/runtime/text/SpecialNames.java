package dev.kvpress.runtime.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The tokens that configuration files give a part to play: {@code bos_token} and the like. A part
 * may be said to have no token, which is not the same as nothing said.
 *
 * @param parts token by part, in the files' order; empty where the files say there is none
 * @param further special tokens without a part of their own
 */
record SpecialNames(Map<String, Optional<AddedToken>> parts, List<AddedToken> further) {
  static final String BOS = "bos_token";
  static final String EOS = "eos_token";
  static final String UNKNOWN = "unk_token";
  static final String PAD = "pad_token";

  static final List<String> PARTS =
      List.of(BOS, EOS, UNKNOWN, "sep_token", PAD, "cls_token", "mask_token");
  private static final List<String> LISTS =
      List.of("additional_special_tokens", "extra_special_tokens");

  SpecialNames {
    parts = new LinkedHashMap<>(parts);
    further = List.copyOf(further);
  }

  /** Reads one file. */
  static SpecialNames of(JsonNode file) {
    Map<String, Optional<AddedToken>> parts = new LinkedHashMap<>();
    for (String part : PARTS) {
      JsonNode value = file.path(part);
      if (!value.isMissingNode()) {
        parts.put(part, token(value));
      }
    }
    List<AddedToken> further = new ArrayList<>();
    for (String list : LISTS) {
      file.path(list).forEach(value -> token(value).ifPresent(further::add));
    }
    return new SpecialNames(parts, further);
  }

  /** A token stands as its text, or as an object that carries the text as its content. */
  private static Optional<AddedToken> token(JsonNode value) {
    if (value.isTextual() && !value.textValue().isEmpty()) {
      return Optional.of(AddedToken.named(value.textValue()));
    }
    return value.isObject() && !value.path("content").asText().isEmpty()
        ? Optional.of(AddedToken.of(value, OptionalInt.empty()).asSpecial())
        : Optional.empty();
  }

  /** The same, with what another file says where it says something. */
  SpecialNames overriddenBy(SpecialNames other) {
    Map<String, Optional<AddedToken>> both = new LinkedHashMap<>(parts);
    both.putAll(other.parts);
    List<AddedToken> all = new ArrayList<>(further);
    all.addAll(other.further);
    return new SpecialNames(both, all);
  }

  /** The text of a part's token: what the files say, else what the class has. */
  Optional<String> text(String part, TokenizerClass kind) {
    Optional<AddedToken> said = parts.get(part);
    return said == null
        ? Optional.ofNullable(kind.defaults().get(part))
        : said.map(AddedToken::content);
  }

  /** All tokens that the files name, in order. */
  List<AddedToken> all() {
    List<AddedToken> all = new ArrayList<>();
    for (String part : PARTS) {
      parts.getOrDefault(part, Optional.empty()).ifPresent(all::add);
    }
    all.addAll(further);
    return all;
  }
}
