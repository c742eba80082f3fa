package dev.kvpress.compare.metric;

import dev.kvpress.compare.metric.words.PythonText;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Whether expected answers occur in a text, letter case aside.
 *
 * <p>{@link #share} and {@link #any} are RULER's {@code string_match_all} and {@code
 * string_match_part} (Hsieh et al., "RULER", 2024), which kvpress takes too: an answer counts
 * wherever its characters stand, so that 12 is found in 1234. Retrieval, tracing and counting want
 * the first, question answering the second. {@link #anyWord} looks for whole words.
 */
public final class StringMatch {
  private static final Pattern CONTROLS = Pattern.compile("[\\x00-\\x1f]");

  private StringMatch() {}

  /**
   * The share of the expected answers that occur, in [0, 1].
   *
   * @throws IllegalArgumentException if nothing is expected
   */
  public static double share(String text, List<String> expected) {
    return (double) found(text, expected) / expected.size();
  }

  /**
   * 1 if any of the expected answers occurs, else 0.
   *
   * @throws IllegalArgumentException if nothing is expected
   */
  public static double any(String text, List<String> expected) {
    return found(text, expected) > 0 ? 1 : 0;
  }

  /**
   * 1 if any of the expected answers occurs and neither begins nor ends inside a {@linkplain
   * WordEdges word or a number}, else 0. An answer of blanks alone never occurs.
   *
   * @throws IllegalArgumentException if nothing is expected
   */
  public static double anyWord(String text, List<String> expected) {
    References.requireSome(expected);
    String lower = PythonText.lower(text);
    return expected.stream()
            .map(answer -> PythonText.strip(PythonText.lower(answer)))
            .anyMatch(answer -> !answer.isEmpty() && WordEdges.occurs(answer, lower))
        ? 1
        : 0;
  }

  /** What RULER compares: control characters become line ends, and blanks around it are cut off. */
  public static String printable(String text) {
    return PythonText.strip(CONTROLS.matcher(PythonText.strip(text)).replaceAll("\n"));
  }

  private static long found(String text, List<String> expected) {
    References.requireSome(expected);
    String lower = PythonText.lower(text);
    return expected.stream().filter(e -> lower.contains(PythonText.lower(e))).count();
  }
}
