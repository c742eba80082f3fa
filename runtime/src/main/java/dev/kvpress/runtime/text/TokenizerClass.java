package dev.kvpress.runtime.text;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How one class of the transformers library reads its files.
 *
 * @param name without the ending {@code Fast}
 * @param kind of files it reads beside a {@code tokenizer.json}
 * @param rules how a byte-level class cuts texts; empty for others
 * @param prefixesByFlag whether flags say if and how often a space goes before a text; otherwise a
 *     SentencePiece model alone does
 * @param framesItself whether the flags decide on BOS and EOS even where a {@code tokenizer.json}
 *     has a rule of its own
 * @param addsBos whether it begins texts with BOS where no flag says otherwise
 * @param addsEos whether it ends texts with EOS where no flag says otherwise
 * @param defaults tokens of the parts that no file names
 */
record TokenizerClass(
    String name,
    Kind kind,
    Optional<ByteLevelRules> rules,
    boolean prefixesByFlag,
    boolean framesItself,
    boolean addsBos,
    boolean addsEos,
    Map<String, String> defaults) {

  /** What a class reads where there is no {@code tokenizer.json}. */
  enum Kind {
    /** {@code vocab.json} and {@code merges.txt}. */
    BYTE_LEVEL,
    /** {@code tokenizer.model}. */
    SENTENCEPIECE,
    /** Nothing else. */
    JSON_ONLY
  }

  TokenizerClass {
    defaults = Map.copyOf(defaults);
  }

  static TokenizerClass byteLevel(String name, ByteLevelRules rules) {
    return new TokenizerClass(
        name, Kind.BYTE_LEVEL, Optional.of(rules), false, false, false, false, Map.of());
  }

  static TokenizerClass sentencePiece(String name) {
    return new TokenizerClass(
        name, Kind.SENTENCEPIECE, Optional.empty(), false, true, true, false, Map.of());
  }

  static TokenizerClass jsonOnly(String name) {
    return new TokenizerClass(
        name, Kind.JSON_ONLY, Optional.empty(), false, false, false, false, Map.of());
  }

  /** The same, with the flags that say if and how often a space goes before a text. */
  TokenizerClass prefixing() {
    return new TokenizerClass(name, kind, rules, true, framesItself, addsBos, addsEos, defaults);
  }

  TokenizerClass framing(boolean bos, boolean eos) {
    return new TokenizerClass(name, kind, rules, prefixesByFlag, true, bos, eos, defaults);
  }

  TokenizerClass named(String part, String token) {
    Map<String, String> more = new LinkedHashMap<>(defaults);
    more.put(part, token);
    return new TokenizerClass(
        name, kind, rules, prefixesByFlag, framesItself, addsBos, addsEos, more);
  }
}
