package dev.kvpress.compare.metric.words;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The words of a Chinese text as the Python package {@code jieba} cuts it, exact mode with its
 * model for unknown words: of all ways to cut a run of characters into words of the dictionary the
 * most likely one is taken, and neighbouring single characters that remain are cut by {@link
 * UnknownWords}. Every character stays in some word, blanks and punctuation too.
 *
 * <p>Dictionary and model are those of the library {@code jieba-analysis}. Its own cutting is not
 * used: it changes letter case and width, which jieba does not.
 */
public final class ChineseWords {
  private static final Pattern RUN = Pattern.compile("[\u4e00-\u9fd5a-zA-Z0-9+#&._%\\-]+");

  private ChineseWords() {}

  /** The words of a text, in order; together they are the text. */
  public static List<String> cut(String text) {
    ImmutableList.Builder<String> words = ImmutableList.builder();
    Matcher runs = RUN.matcher(text);
    int end = 0;
    while (runs.find()) {
      between(text.substring(end, runs.start()), words);
      words.addAll(run(runs.group()));
      end = runs.end();
    }
    between(text.substring(end), words);
    return words.build();
  }

  /** Other characters stand alone, but for a line end of two. */
  private static void between(String text, ImmutableList.Builder<String> words) {
    int i = 0;
    while (i < text.length()) {
      int length = text.startsWith("\r\n", i) ? 2 : Character.charCount(text.codePointAt(i));
      words.add(text.substring(i, i + length));
      i += length;
    }
  }

  private static List<String> run(String run) {
    ChineseDictionary dictionary = ChineseDictionary.get();
    int[] ends = dictionary.likeliestEnds(run);
    List<String> words = new ArrayList<>();
    StringBuilder singles = new StringBuilder();
    for (int from = 0; from < run.length(); from = ends[from]) {
      if (ends[from] == from + 1) {
        singles.append(run.charAt(from));
      } else {
        words.addAll(singles(singles.toString(), dictionary));
        singles.setLength(0);
        words.add(run.substring(from, ends[from]));
      }
    }
    words.addAll(singles(singles.toString(), dictionary));
    return words;
  }

  /** Characters that were left single may form a word that the dictionary does not have. */
  private static List<String> singles(String singles, ChineseDictionary dictionary) {
    if (singles.length() < 2 || dictionary.hasWord(singles)) {
      return Lists.transform(Lists.charactersOf(singles), String::valueOf);
    }
    return UnknownWords.cut(singles);
  }
}
