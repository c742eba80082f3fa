package dev.kvpress.compare.metric.words;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import java.util.List;
import java.util.Locale;

/**
 * Python's rules for texts, by which the originals of most metrics split and trim. Its blanks are
 * those of Unicode and the four separators U+001C to U+001F; its digits in patterns are all decimal
 * digits of Unicode; its word characters are letters and numbers of every kind and the underscore,
 * but no combining marks.
 */
public final class PythonText {
  /** {@code string.punctuation}: the ASCII characters that are neither letter, digit nor blank. */
  public static final CharMatcher PUNCTUATION =
      CharMatcher.inRange('!', '/')
          .or(CharMatcher.inRange(':', '@'))
          .or(CharMatcher.inRange('[', '`'))
          .or(CharMatcher.inRange('{', '~'))
          .precomputed();

  /** {@code \d} in a pattern. */
  public static final String DIGIT = "\\p{Nd}";

  /** What stands at a {@code \b} before a word, in a pattern. */
  public static final String WORD_BEGINS = "(?<![\\p{L}\\p{N}_])(?=[\\p{L}\\p{N}_])";

  /** What stands at a {@code \b} behind a word, in a pattern. */
  public static final String WORD_ENDS = "(?<=[\\p{L}\\p{N}_])(?![\\p{L}\\p{N}_])";

  private static final CharMatcher BLANK =
      CharMatcher.whitespace().or(CharMatcher.inRange('\u001c', '\u001f')).precomputed();

  private static final Splitter WORDS = Splitter.on(BLANK).omitEmptyStrings();

  private PythonText() {}

  /** {@code str.split()}: what stands between blanks. */
  public static List<String> split(String text) {
    return WORDS.splitToList(text);
  }

  /** {@code str.strip()}. */
  public static String strip(String text) {
    return BLANK.trimFrom(text);
  }

  /** {@code str.rstrip()}. */
  public static String stripTrailing(String text) {
    return BLANK.trimTrailingFrom(text);
  }

  /** {@code str.lower()}. */
  public static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  /** Whether {@code \s} matches a character. */
  public static boolean isBlank(char c) {
    return BLANK.matches(c);
  }

  /** {@code text.lstrip(first)} for a single character. */
  public static String withoutLeading(char first, String text) {
    return CharMatcher.is(first).trimLeadingFrom(text);
  }
}
