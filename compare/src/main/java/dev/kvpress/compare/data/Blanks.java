package dev.kvpress.compare.data;

import com.google.common.base.CharMatcher;

/**
 * White space as Python's {@code strip} knows it, which is what benchmarks are phrased with: wider
 * than Java's, for instance by the no-break space.
 */
public final class Blanks {
  private static final CharMatcher WHITE_SPACE =
      CharMatcher.whitespace().or(CharMatcher.inRange('\u001c', '\u001f'));

  private Blanks() {}

  /** A text without white space around it. */
  public static String strip(String text) {
    return WHITE_SPACE.trimFrom(text);
  }

  /** A text without white space at its beginning. */
  public static String stripLeading(String text) {
    return WHITE_SPACE.trimLeadingFrom(text);
  }

  /** A text without white space at its end. */
  public static String stripTrailing(String text) {
    return WHITE_SPACE.trimTrailingFrom(text);
  }
}
