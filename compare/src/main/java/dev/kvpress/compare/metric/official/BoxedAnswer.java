package dev.kvpress.compare.metric.official;

import java.util.Optional;

/** The answer that a solution puts into a box: {@code \boxed{42}}. */
final class BoxedAnswer {
  private static final String BOXED = "\\boxed";
  private static final String SPACED = "\\boxed ";
  private static final String OPEN = "\\boxed{";

  private BoxedAnswer() {}

  /**
   * What stands in the last box, braces within braces too; behind {@code \boxed} and a blank, what
   * stands up to the next dollar sign. Empty without a box and where it is not closed.
   */
  static Optional<String> last(String text) {
    int spaced = text.lastIndexOf(SPACED);
    if (spaced >= 0) {
      int from = spaced + SPACED.length();
      int end = text.indexOf('$', from);
      return Optional.of(end < 0 ? text.substring(from) : text.substring(from, end));
    }
    int from = text.lastIndexOf(BOXED);
    if (from < 0 || !text.startsWith(OPEN, from)) {
      return Optional.empty();
    }
    int depth = 0;
    for (int i = from; i < text.length(); i++) {
      depth += text.charAt(i) == '{' ? 1 : 0;
      if (text.charAt(i) == '}' && --depth == 0) {
        return Optional.of(text.substring(from + OPEN.length(), i));
      }
    }
    return Optional.empty();
  }
}
