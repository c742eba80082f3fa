package dev.kvpress.recipe.bpe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Byte-pair encoding (Sennrich et al., 2016): joins the most frequent adjacent pair until the
 * vocabulary is full. Ties go to the pair that comes first in the alphabet, so that the result
 * depends on the text alone.
 */
public final class BpeTrainer {
  private final Map<String, Integer> counts = new LinkedHashMap<>();

  /** Adds a text to the statistics. */
  public void add(String text) {
    for (String piece : Pretokens.of(text)) {
      counts.merge(piece, 1, Integer::sum);
    }
  }

  /**
   * Learns the merges.
   *
   * @param vocabulary number of pieces, with the two special tokens and the 256 bytes
   */
  public Bpe train(int vocabulary) {
    if (vocabulary < 258) {
      throw new IllegalArgumentException("vocabulary must be at least 258, found " + vocabulary);
    }
    List<List<String>> words = new ArrayList<>();
    List<Integer> frequency = new ArrayList<>();
    counts.forEach(
        (word, count) -> {
          words.add(new ArrayList<>(Arrays.asList(word.split(""))));
          frequency.add(count);
        });
    List<Bpe.Merge> merges = new ArrayList<>();
    while (merges.size() < vocabulary - 258) {
      Bpe.Merge best = best(words, frequency);
      if (best == null) {
        break;
      }
      merges.add(best);
      words.forEach(word -> Bpe.join(word, best));
    }
    return new Bpe(merges);
  }

  private static Bpe.@org.jspecify.annotations.Nullable Merge best(
      List<List<String>> words, List<Integer> frequency) {
    Map<Bpe.Merge, Integer> pairs = new HashMap<>();
    for (int w = 0; w < words.size(); w++) {
      List<String> word = words.get(w);
      for (int i = 0; i + 1 < word.size(); i++) {
        pairs.merge(new Bpe.Merge(word.get(i), word.get(i + 1)), frequency.get(w), Integer::sum);
      }
    }
    Bpe.Merge best = null;
    int most = 1;
    for (Map.Entry<Bpe.Merge, Integer> e : pairs.entrySet()) {
      if (e.getValue() > most
          || (e.getValue() == most && best != null && e.getKey().compareTo(best) < 0)) {
        best = e.getKey();
        most = e.getValue();
      }
    }
    return best;
  }
}
