package dev.kvpress.compare.report;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What is to be known of figures: a mark at the figure, and a numbered line below. */
final class Footnotes {
  private final Map<String, Integer> numbers = new LinkedHashMap<>();

  /** The marks of some texts, each with its number; empty for none. */
  String marks(Collection<String> texts) {
    return texts.stream()
        .distinct()
        .map(text -> numbers.computeIfAbsent(text, key -> numbers.size() + 1))
        .map(number -> "[" + number + "]")
        .collect(Collectors.joining());
  }

  /** A figure with the marks of some texts. */
  String marked(String figure, Collection<String> texts) {
    String marks = marks(texts);
    return marks.isEmpty() ? figure : figure + " " + marks;
  }

  /** The numbered lines, each behind a line end. */
  String lines() {
    StringBuilder lines = new StringBuilder();
    numbers.forEach((text, number) -> lines.append("\n[").append(number).append("] ").append(text));
    return lines.toString();
  }
}
