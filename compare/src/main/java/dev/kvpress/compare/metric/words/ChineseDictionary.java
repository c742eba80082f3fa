package dev.kvpress.compare.metric.words;

import com.google.common.base.Splitter;
import com.google.common.io.Resources;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How often words are in Chinese texts: the dictionary of jieba, one of 350,000 words that is read
 * when it is first needed, in about half a second.
 */
final class ChineseDictionary {
  private static final String FILE = "dict.txt";
  private static final Splitter BLANK = Splitter.on(' ');

  /** The one word that jieba 0.42.1 has and the library's dictionary lacks: a province. */
  private static final String LACKING_WORD = "吉林";

  private static final int LACKING_COUNT = 89;

  /** Counts; beginnings of words that are no words themselves have 0. */
  private final Map<String, Integer> counts = new HashMap<>(1 << 20);

  private final double logTotal;

  private static final class Holder {
    private static final ChineseDictionary INSTANCE = new ChineseDictionary();
  }

  private ChineseDictionary() {
    long total = 0;
    try (BufferedReader lines =
        Resources.asCharSource(Resources.getResource(FILE), StandardCharsets.UTF_8)
            .openBufferedStream()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        List<String> parts = BLANK.splitToList(line);
        total += add(parts.get(0), Integer.parseInt(parts.get(1)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the Chinese dictionary " + FILE, e);
    }
    if (!hasWord(LACKING_WORD)) {
      total += add(LACKING_WORD, LACKING_COUNT);
    }
    logTotal = Math.log(total);
  }

  static ChineseDictionary get() {
    return Holder.INSTANCE;
  }

  private int add(String word, int count) {
    counts.put(word, count);
    for (int length = 1; length < word.length(); length++) {
      counts.putIfAbsent(word.substring(0, length), 0);
    }
    return count;
  }

  boolean hasWord(String word) {
    return counts.getOrDefault(word, 0) > 0;
  }

  /**
   * The most likely way to cut a run of characters.
   *
   * @return where the word ends that begins at each place, if the run is cut there
   */
  int[] likeliestEnds(String run) {
    int length = run.length();
    int[] ends = new int[length];
    double[] best = new double[length + 1];
    for (int from = length - 1; from >= 0; from--) {
      best[from] = Double.NEGATIVE_INFINITY;
      boolean any = false;
      Integer count = counts.get(run.substring(from, from + 1));
      for (int to = from + 1; count != null; ) {
        if (count > 0) {
          take(from, to, count, best, ends);
          any = true;
        }
        to++;
        count = to > length ? null : counts.get(run.substring(from, to));
      }
      if (!any) {
        // A character that is no word counts as a rare one.
        take(from, from + 1, 1, best, ends);
      }
    }
    return ends;
  }

  /** Of equally likely ways the longer word counts. */
  private void take(int from, int to, int count, double[] best, int[] ends) {
    double log = Math.log(count) - logTotal + best[to];
    if (log >= best[from]) {
      best[from] = log;
      ends[from] = to;
    }
  }
}
