package dev.kvpress.compare.metric;

import com.google.common.base.Splitter;
import com.google.common.collect.Sets;
import dev.kvpress.compare.metric.words.CommonSubsequence;
import dev.kvpress.compare.metric.words.PythonText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * ROUGE of a summary as the Python package {@code rouge} (1.0.1) counts it, which LongBench, the
 * H2O repository and kvpress's needle in a haystack take: words stand between blanks and keep
 * letter case and punctuation, sentences stand between full stops, n-grams count once however often
 * they occur, and ROUGE-L takes, sentence by sentence, the distinct words of the longest common
 * subsequences. Figures are 2pr / (p + r + 1e-8), so that equal texts stay just below 1.
 *
 * <p>Two cases differ from the package on purpose. Where it throws because a text has no sentence
 * (empty, or full stops alone), the figures are 0, as LongBench counts it. And its search recurses
 * once a word, so that Python ends it in sentences of some 1,000 words (LongBench then counts 0);
 * here they have the figure that they have in Python with a higher limit.
 *
 * @param rouge1 F of words, in [0, 1)
 * @param rouge2 F of pairs of neighbouring words, in [0, 1)
 * @param rougeL F of longest common subsequences of sentences; may pass 1 by nothing
 */
public record RougePackage(double rouge1, double rouge2, double rougeL) {
  private static final RougePackage NONE = new RougePackage(0, 0, 0);
  private static final Splitter SENTENCES = Splitter.on('.').omitEmptyStrings();

  /** Keeps the package from dividing by zero. */
  private static final double SMALL = 1e-8;

  /**
   * The figures of a summary; of several references the best counts, for each figure by itself.
   *
   * @throws IllegalArgumentException if there is no reference
   */
  public static RougePackage of(String summary, List<String> references) {
    References.requireSome(references);
    RougePackage best = NONE;
    for (String reference : references) {
      RougePackage one = one(sentences(summary), sentences(reference));
      best =
          new RougePackage(
              Math.max(best.rouge1, one.rouge1),
              Math.max(best.rouge2, one.rouge2),
              Math.max(best.rougeL, one.rougeL));
    }
    return best;
  }

  /** Words of each sentence; a sentence of blanks has one word, the empty one. */
  private static List<List<String>> sentences(String text) {
    return SENTENCES.splitToStream(text).map(PythonText::split).map(RougePackage::some).toList();
  }

  private static List<String> some(List<String> words) {
    return words.isEmpty() ? List.of("") : words;
  }

  private static RougePackage one(List<List<String>> summary, List<List<String>> reference) {
    if (summary.isEmpty() || reference.isEmpty()) {
      return NONE;
    }
    List<String> words = summary.stream().flatMap(List::stream).toList();
    List<String> expected = reference.stream().flatMap(List::stream).toList();
    return new RougePackage(
        ngrams(words, expected, 1),
        ngrams(words, expected, 2),
        f(common(summary, reference), new HashSet<>(words).size(), new HashSet<>(expected).size()));
  }

  private static double ngrams(List<String> words, List<String> expected, int n) {
    Set<List<String>> found = grams(words, n);
    Set<List<String>> wanted = grams(expected, n);
    return f(Sets.intersection(found, wanted).size(), found.size(), wanted.size());
  }

  private static Set<List<String>> grams(List<String> words, int n) {
    Set<List<String>> grams = new HashSet<>();
    for (int from = 0; from + n <= words.size(); from++) {
      grams.add(words.subList(from, from + n));
    }
    return grams;
  }

  private static int common(List<List<String>> summary, List<List<String>> reference) {
    Set<String> common = new HashSet<>();
    for (List<String> expected : reference) {
      for (List<String> sentence : summary) {
        List<String> words = new ArrayList<>();
        CommonSubsequence.places(expected, sentence, CommonSubsequence.Tie.SHORTENS_CANDIDATE)
            .forEach(place -> words.add(expected.get(place)));
        common.addAll(words);
      }
    }
    return common.size();
  }

  private static double f(int shared, int found, int expected) {
    double precision = found == 0 ? 0 : (double) shared / found;
    double recall = expected == 0 ? 0 : (double) shared / expected;
    return 2 * (precision * recall / (precision + recall + SMALL));
  }
}
