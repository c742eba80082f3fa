package dev.kvpress.compare.cli;

import dev.kvpress.runtime.text.Tokenizer;
import java.util.Arrays;
import java.util.function.Consumer;

/** Turns tokens into text as they come, each character as soon as it is whole. */
final class SpokenText {
  private static final char INCOMPLETE = '\uFFFD';

  private final Tokenizer tokenizer;
  private final Consumer<String> out;
  private int[] ids;
  private int said;

  /**
   * Text behind a prompt, which itself is not handed on.
   *
   * @param out takes the text piece by piece
   */
  SpokenText(Tokenizer tokenizer, int[] prompt, Consumer<String> out) {
    this.tokenizer = tokenizer;
    this.out = out;
    this.ids = prompt.clone();
    this.said = tokenizer.decode(prompt).length();
  }

  /** One more token. */
  void add(int id) {
    ids = Arrays.copyOf(ids, ids.length + 1);
    ids[ids.length - 1] = id;
    String all = tokenizer.decode(ids);
    if (!all.isEmpty() && all.charAt(all.length() - 1) != INCOMPLETE) {
      say(all);
    }
  }

  /** Hands on what is left, whole or not. */
  void end() {
    say(tokenizer.decode(ids));
  }

  private void say(String all) {
    if (all.length() > said) {
      out.accept(all.substring(said));
      said = all.length();
    }
  }
}
