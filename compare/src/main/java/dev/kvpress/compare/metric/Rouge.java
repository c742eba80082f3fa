package dev.kvpress.compare.metric;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Multiset;
import com.google.common.collect.Multisets;
import dev.kvpress.compare.metric.words.CommonSubsequence;
import dev.kvpress.compare.metric.words.PorterStemmer;
import dev.kvpress.compare.metric.words.PythonText;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * ROUGE of a summary: how many of its words, pairs of words and words in order it shares with a
 * reference (Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004), as the Python
 * package {@code rouge_score} counts.
 *
 * <p>Text is lower-cased, and runs of other characters than a–z and 0–9 separate words (so accented
 * letters do too); the figure is F1. ROUGE-L takes the longest common subsequence of the whole
 * texts, ROUGE-Lsum that of each line of the reference with all lines of the summary. Of several
 * references the best counts, for each figure by itself. {@link RougePackage} counts otherwise.
 *
 * @param rouge1 F1 of single words, in [0, 1]
 * @param rouge2 F1 of pairs of neighbouring words, in [0, 1]
 * @param rougeL F1 of the longest common subsequence of words, in [0, 1]
 * @param rougeLsum F1 of the longest common subsequences of lines, in [0, 1]
 */
public record Rouge(double rouge1, double rouge2, double rougeL, double rougeLsum) {
  /** What becomes of a word before it is compared. */
  public enum Words {
    /** Nothing. */
    AS_THEY_ARE,
    /** Its stem by {@link PorterStemmer}, if it has more than three letters; HELM counts so. */
    STEMMED
  }

  private static final Pattern SEPARATORS = Pattern.compile("[^a-z0-9]+");
  private static final Pattern LINE_END = Pattern.compile("\n");

  /** Shorter words have no stem of their own. */
  private static final int SHORTEST_STEMMED = 4;

  /** The figures of words as they are; see {@link #of(String, List, Words)}. */
  public static Rouge of(String summary, List<String> references) {
    return of(summary, references, Words.AS_THEY_ARE);
  }

  /**
   * The figures of a summary.
   *
   * @param summary may be empty, which gives zeros
   * @param references at least one; one {@linkplain #hasWord without a word} gives zeros
   * @throws IllegalArgumentException if there is no reference
   */
  public static Rouge of(String summary, List<String> references, Words treatment) {
    References.requireSome(references);
    List<String> words = words(summary, treatment);
    List<List<String>> lines = lines(summary, treatment);
    Rouge best = new Rouge(0, 0, 0, 0);
    for (String reference : references) {
      List<String> expected = words(reference, treatment);
      int common = CommonSubsequence.length(words, expected);
      best =
          new Rouge(
              Math.max(best.rouge1, ngrams(words, expected, 1)),
              Math.max(best.rouge2, ngrams(words, expected, 2)),
              Math.max(best.rougeL, F1.of(common, words.size(), expected.size())),
              Math.max(best.rougeLsum, lines(lines, lines(reference, treatment))));
    }
    return best;
  }

  /** Whether a text has a word that counts; one in Chinese or Greek has none. */
  public static boolean hasWord(String text) {
    return !words(text, Words.AS_THEY_ARE).isEmpty();
  }

  private static List<String> words(String text, Words treatment) {
    return SEPARATORS
        .splitAsStream(PythonText.lower(text))
        .filter(word -> !word.isEmpty())
        .map(word -> treatment == Words.STEMMED ? stem(word) : word)
        .toList();
  }

  private static String stem(String word) {
    return word.length() < SHORTEST_STEMMED ? word : PorterStemmer.stem(word);
  }

  private static List<List<String>> lines(String text, Words treatment) {
    return LINE_END
        .splitAsStream(text)
        .filter(line -> !line.isEmpty())
        .map(line -> words(line, treatment))
        .toList();
  }

  private static double ngrams(List<String> words, List<String> expected, int n) {
    Multiset<List<String>> found = grams(words, n);
    Multiset<List<String>> wanted = grams(expected, n);
    return F1.of(Multisets.intersection(found, wanted).size(), found.size(), wanted.size());
  }

  private static Multiset<List<String>> grams(List<String> words, int n) {
    Multiset<List<String>> grams = HashMultiset.create();
    for (int from = 0; from + n <= words.size(); from++) {
      grams.add(words.subList(from, from + n));
    }
    return grams;
  }

  /**
   * Of each expected line the words count that stand in a longest common subsequence with any line
   * of the summary, each as often as both texts have it.
   */
  private static double lines(List<List<String>> lines, List<List<String>> expected) {
    Multiset<String> left = all(lines);
    Multiset<String> wanted = all(expected);
    int found = left.size();
    int all = wanted.size();
    int hits = 0;
    for (List<String> line : expected) {
      for (int place : common(line, lines)) {
        String word = line.get(place);
        if (left.contains(word) && wanted.contains(word)) {
          hits++;
          left.remove(word);
          wanted.remove(word);
        }
      }
    }
    return F1.of(hits, found, all);
  }

  private static Multiset<String> all(List<List<String>> lines) {
    Multiset<String> all = HashMultiset.create();
    lines.forEach(all::addAll);
    return all;
  }

  private static ImmutableList<Integer> common(List<String> line, List<List<String>> others) {
    return others.stream()
        .flatMapToInt(
            other ->
                IntStream.of(
                    CommonSubsequence.places(line, other, CommonSubsequence.Tie.SHORTENS_REFERENCE)
                        .toArray()))
        .boxed()
        .distinct()
        .sorted()
        .collect(ImmutableList.toImmutableList());
  }
}
