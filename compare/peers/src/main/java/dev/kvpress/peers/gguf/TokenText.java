package dev.kvpress.peers.gguf;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;

/**
 * A vocabulary by which text stands for token ids one to one: each token is one character of the
 * planes above the basic one. Engines that take nothing but text are fed ids by it.
 */
public final class TokenText {
  private static final int FIRST_CHARACTER = 0x10000;

  private TokenText() {}

  /** The text of each token. */
  static List<String> vocabulary(int size) {
    checkArgument(size <= Character.MAX_CODE_POINT - FIRST_CHARACTER, "too many tokens: %s", size);
    List<String> tokens = new ArrayList<>(size);
    for (int id = 0; id < size; id++) {
      tokens.add(Character.toString(FIRST_CHARACTER + id));
    }
    return tokens;
  }

  /** The text of some tokens. */
  public static String of(int[] ids) {
    StringBuilder text = new StringBuilder(2 * ids.length);
    for (int id : ids) {
      text.appendCodePoint(FIRST_CHARACTER + id);
    }
    return text.toString();
  }

  /** The tokens of a text. */
  public static int[] ids(String text) {
    return text.codePoints().map(character -> character - FIRST_CHARACTER).toArray();
  }
}
