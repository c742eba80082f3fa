package dev.kvpress.runtime.generate;

import dev.kvpress.runtime.text.Tokenizer;

/**
 * How tokens are spelled inside a text. Decoded alone, a token may lose the space before its word,
 * which belongs to it anywhere but at the beginning of a text; so each is decoded behind another.
 */
final class TokenSpelling {
  private static final String BEFORE = "a";

  private final Tokenizer tokenizer;
  private final int[] pair;
  private final String before;

  TokenSpelling(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    int[] ids = tokenizer.encodeFragment(BEFORE);
    this.pair = ids.length == 0 ? new int[1] : new int[] {ids[ids.length - 1], 0};
    this.before = ids.length == 0 ? "" : tokenizer.decode(new int[] {pair[0]});
  }

  /** The text of a token; one that no text shows, as BOS, by its name. */
  String of(int id) {
    int[] ids = pair.clone();
    ids[ids.length - 1] = id;
    String both = tokenizer.decode(ids);
    boolean shown = both.length() > before.length() && both.startsWith(before);
    return shown ? both.substring(before.length()) : tokenizer.spelling(id);
  }
}
