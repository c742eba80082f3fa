package dev.kvpress.runtime.text;

/** Java strings may hold half a character, which UTF-8 and the native library cannot. */
final class Utf16 {
  private static final char REPLACEMENT = '\uFFFD';

  private Utf16() {}

  /** The text with each surrogate that lacks its partner replaced; usually the text itself. */
  static String wellFormed(String text) {
    StringBuilder copy = null;
    for (int i = 0; i < text.length(); i++) {
      if (!Character.isSurrogate(text.charAt(i))) {
        continue;
      }
      if (Character.isSupplementaryCodePoint(text.codePointAt(i))) {
        i++;
        continue;
      }
      if (copy == null) {
        copy = new StringBuilder(text);
      }
      copy.setCharAt(i, REPLACEMENT);
    }
    return copy == null ? text : copy.toString();
  }
}
