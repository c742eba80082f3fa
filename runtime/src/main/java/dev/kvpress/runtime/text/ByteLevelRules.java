package dev.kvpress.runtime.text;

import java.util.Optional;

/**
 * How a byte-level class prepares a text for its merges.
 *
 * @param composes whether characters are composed first (Unicode NFC)
 * @param words the expression whose matches are the words; empty for that of GPT-2, which the
 *     tokenizer library has built in
 */
record ByteLevelRules(boolean composes, Optional<String> words) {
  /** GPT-2's: contractions, letters, digits, the rest, each with a space before it. */
  static final ByteLevelRules GPT2 = new ByteLevelRules(false, Optional.empty());

  /** GPT-2's words over composed characters. */
  static final ByteLevelRules GPT_NEOX = new ByteLevelRules(true, Optional.empty());

  /** Qwen's: single digits, any one sign before letters, line ends with what stands before. */
  static final ByteLevelRules QWEN2 =
      new ByteLevelRules(
          true,
          Optional.of(
              "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
                  + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"));
}
