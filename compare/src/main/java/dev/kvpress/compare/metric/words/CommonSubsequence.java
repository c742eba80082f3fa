package dev.kvpress.compare.metric.words;

import com.google.common.primitives.ImmutableIntArray;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The longest common subsequence of two lists of words: its length, or one such subsequence. */
public final class CommonSubsequence {
  /** Which way to go where two subsequences are equally long; implementations of ROUGE differ. */
  public enum Tie {
    /** Gives up the last word of the reference, as the package {@code rouge_score} does. */
    SHORTENS_REFERENCE,
    /** Gives up the last word of the candidate, as the package {@code rouge} does. */
    SHORTENS_CANDIDATE
  }

  private CommonSubsequence() {}

  /** Its length; memory grows with the second list alone. */
  public static int length(List<String> a, List<String> b) {
    Map<String, Integer> numbers = new HashMap<>();
    int[] left = numbered(a, numbers);
    int[] right = numbered(b, numbers);
    int[] lengths = new int[right.length + 1];
    for (int word : left) {
      row(word, right, lengths, lengths.clone());
    }
    return lengths[right.length];
  }

  /**
   * Where the reference has the words of one longest common subsequence.
   *
   * @return places in the reference, ascending
   */
  public static ImmutableIntArray places(List<String> reference, List<String> candidate, Tie tie) {
    Map<String, Integer> numbers = new HashMap<>();
    int[] words = numbered(reference, numbers);
    int[] others = numbered(candidate, numbers);
    int[][] lengths = new int[words.length + 1][others.length + 1];
    for (int i = 1; i <= words.length; i++) {
      row(words[i - 1], others, lengths[i], lengths[i - 1]);
    }
    int[] places = new int[lengths[words.length][others.length]];
    int next = places.length;
    int i = words.length;
    int j = others.length;
    while (i > 0 && j > 0) {
      if (words[i - 1] == others[j - 1]) {
        places[--next] = --i;
        j--;
      } else if (shortensReference(lengths[i - 1][j], lengths[i][j - 1], tie)) {
        i--;
      } else {
        j--;
      }
    }
    return ImmutableIntArray.copyOf(places);
  }

  private static boolean shortensReference(int withoutReference, int withoutCandidate, Tie tie) {
    return withoutReference == withoutCandidate
        ? tie == Tie.SHORTENS_REFERENCE
        : withoutReference > withoutCandidate;
  }

  /** Lengths of common subsequences that end with this word or before, out of those before it. */
  private static void row(int word, int[] others, int[] lengths, int[] above) {
    for (int j = 1; j <= others.length; j++) {
      lengths[j] = word == others[j - 1] ? above[j - 1] + 1 : Math.max(above[j], lengths[j - 1]);
    }
  }

  /** Words become numbers once, since each is compared with every word of the other text. */
  private static int[] numbered(List<String> words, Map<String, Integer> numbers) {
    int[] result = new int[words.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = numbers.computeIfAbsent(words.get(i), word -> numbers.size());
    }
    return result;
  }
}
