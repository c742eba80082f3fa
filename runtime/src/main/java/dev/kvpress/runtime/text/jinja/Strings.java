package dev.kvpress.runtime.text.jinja;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** What Python does to a text. */
final class Strings {
  /** What {@code str.isspace} holds for white space. */
  static final CharMatcher SPACE =
      CharMatcher.whitespace().or(CharMatcher.anyOf("\u001c\u001d\u001e\u001f\u00a0\u2007\u202f"));

  private Strings() {}

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return text.substring(0, first).toUpperCase(Locale.ROOT)
        + text.substring(first).toLowerCase(Locale.ROOT);
  }

  /** {@code str.title}: a letter behind none is large. */
  static String title(String text) {
    StringBuilder title = new StringBuilder(text.length());
    boolean inWord = false;
    for (int point : text.codePoints().toArray()) {
      title.appendCodePoint(inWord ? Character.toLowerCase(point) : Character.toTitleCase(point));
      inWord = Character.isLetter(point);
    }
    return title.toString();
  }

  /**
   * {@code str.split}.
   *
   * @param most cuts at most; negative: as many as there are
   */
  static List<Object> split(String text, String separator, int most) {
    if (separator.isEmpty()) {
      throw new JinjaException("split: expected a separator, found an empty one");
    }
    Splitter splitter = Splitter.on(separator);
    return new ArrayList<>((most < 0 ? splitter : splitter.limit(most + 1)).splitToList(text));
  }

  /** {@code str.rsplit}. */
  static List<Object> splitFromEnd(String text, String separator, int most) {
    List<Object> parts = new ArrayList<>();
    String rest = text;
    int at = rest.lastIndexOf(separator);
    while (at >= 0 && (most < 0 || parts.size() < most)) {
      parts.add(rest.substring(at + separator.length()));
      rest = rest.substring(0, at);
      at = rest.lastIndexOf(separator);
    }
    parts.add(rest);
    Collections.reverse(parts);
    return parts;
  }

  static List<Object> words(String text) {
    return new ArrayList<>(Splitter.on(SPACE).omitEmptyStrings().splitToList(text));
  }

  static long count(String text, String part) {
    if (part.isEmpty()) {
      return text.codePointCount(0, text.length()) + 1;
    }
    return Splitter.on(part).splitToList(text).size() - 1;
  }

  /** {@code str.find}, in characters. */
  static long find(String text, String part, boolean last) {
    int at = last ? text.lastIndexOf(part) : text.indexOf(part);
    return at < 0 ? -1 : text.codePointCount(0, at);
  }
}
