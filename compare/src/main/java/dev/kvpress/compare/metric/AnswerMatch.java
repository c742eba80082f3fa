package dev.kvpress.compare.metric;

import dev.kvpress.compare.metric.words.PythonText;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;

/**
 * How well an answer agrees with the expected ones, as question answering counts it (Rajpurkar et
 * al., "SQuAD", 2016; LongBench and kvpress take the same F1).
 *
 * <p>Both texts are lower-cased and lose ASCII punctuation and the words a, an and the before they
 * are compared. Of several expected answers the best counts. An answer without a word agrees with
 * an expected one without a word and with no other, as in SQuAD 2.0; LongBench's F1 is 0 there
 * ({@code qa_f1_score}).
 */
public final class AnswerMatch {
  private static final Pattern ARTICLES =
      Pattern.compile(PythonText.WORD_BEGINS + "(?:a|an|the)" + PythonText.WORD_ENDS);

  private AnswerMatch() {}

  /**
   * F1 of the words that the answer shares with the best expected answer, in [0, 1].
   *
   * @throws IllegalArgumentException if nothing is expected
   */
  public static double f1(String answer, List<String> expected) {
    List<String> found = words(answer);
    return best(expected, e -> f1(found, words(e)));
  }

  /**
   * 1 if the answer has exactly the words of an expected one, else 0.
   *
   * @throws IllegalArgumentException if nothing is expected
   */
  public static double exact(String answer, List<String> expected) {
    List<String> found = words(answer);
    return best(expected, e -> found.equals(words(e)) ? 1 : 0);
  }

  private static double best(List<String> expected, ToDoubleFunction<String> figure) {
    References.requireSome(expected);
    return expected.stream().mapToDouble(figure).max().orElseThrow();
  }

  private static double f1(List<String> found, List<String> expected) {
    if (found.isEmpty() && expected.isEmpty()) {
      return 1;
    }
    return F1.ofWords(found, expected);
  }

  /** The words that count. */
  public static List<String> words(String text) {
    String plain = PythonText.PUNCTUATION.removeFrom(PythonText.lower(text));
    return PythonText.split(ARTICLES.matcher(plain).replaceAll(" "));
  }
}
