package dev.kvpress.compare.metric.words;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;

/**
 * Stems of English words by Porter's rules (Porter, "An algorithm for suffix stripping", Program
 * 14.3, 1980) with the changes that NLTK makes by default: a table of irregular words, words of one
 * or two letters as they are, short words in -ies and -ied, -y behind any consonant, -alli tried
 * first, -fulli and -logi, and a short stem of vowel and consonant counts as ending
 * consonant-vowel-consonant. The package {@code rouge_score} stems by these rules; Lucene's and
 * Snowball's stemmers are Porter's later ones, without NLTK's changes.
 */
public final class PorterStemmer {
  private static final ImmutableMap<String, String> IRREGULAR =
      ImmutableMap.<String, String>builder()
          .put("sky", "sky")
          .put("skies", "sky")
          .put("dying", "die")
          .put("lying", "lie")
          .put("tying", "tie")
          .put("news", "news")
          .put("innings", "inning")
          .put("inning", "inning")
          .put("outings", "outing")
          .put("outing", "outing")
          .put("cannings", "canning")
          .put("canning", "canning")
          .put("howe", "howe")
          .put("proceed", "proceed")
          .put("exceed", "exceed")
          .put("succeed", "succeed")
          .buildOrThrow();

  /** An ending and what stands in its place. */
  private record Ending(String from, String to) {}

  private static final Splitter.MapSplitter RULES = Splitter.on(", ").withKeyValueSeparator(' ');

  /** Step 2, where the stem before the ending has a measure above 0. */
  private static final ImmutableList<Ending> DOUBLE_SUFFIXES =
      endings(
          "ational ate, tional tion, enci ence, anci ance, izer ize, bli ble, alli al, entli ent, "
              + "eli e, ousli ous, ization ize, ation ate, ator ate, alism al, iveness ive, "
              + "fulness ful, ousness ous, aliti al, iviti ive, biliti ble, fulli ful");

  /** Step 3, likewise. */
  private static final ImmutableList<Ending> SUFFIXES =
      endings("icate ic, ative -, alize al, iciti ic, ical ic, ful -, ness -");

  /** Step 4, where the measure is above 1. */
  private static final ImmutableList<Ending> RESIDUES =
      endings(
          "al -, ance -, ence -, er -, ic -, able -, ible -, ant -, ement -, ment -, ent -, ion -, "
              + "ou -, ism -, ate -, iti -, ous -, ive -, ize -");

  private PorterStemmer() {}

  private static ImmutableList<Ending> endings(String rules) {
    return RULES.split(rules).entrySet().stream()
        .map(rule -> new Ending(rule.getKey(), rule.getValue().equals("-") ? "" : rule.getValue()))
        .collect(ImmutableList.toImmutableList());
  }

  /**
   * The stem of a word.
   *
   * @param word lower case
   */
  public static String stem(String word) {
    String irregular = IRREGULAR.get(word);
    if (irregular != null) {
      return irregular;
    }
    if (word.length() <= 2) {
      return word;
    }
    String stem = withoutPlural(word);
    stem = withoutPast(stem);
    stem = finalY(stem);
    stem = doubleSuffix(stem);
    stem = firstEnding(stem, SUFFIXES, 0);
    stem = firstEnding(stem, RESIDUES, 1);
    return withoutDoubleL(withoutFinalE(stem));
  }

  /** Step 1a. */
  private static String withoutPlural(String word) {
    if (word.endsWith("ies")) {
      return cut(word, word.length() == 4 ? 1 : 2);
    }
    if (word.endsWith("sses")) {
      return cut(word, 2);
    }
    return word.endsWith("s") && !word.endsWith("ss") ? cut(word, 1) : word;
  }

  /** Step 1b. */
  private static String withoutPast(String word) {
    if (word.endsWith("ied")) {
      return cut(word, word.length() == 4 ? 1 : 2);
    }
    if (word.endsWith("eed")) {
      return Syllables.measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
    }
    for (String ending : List.of("ed", "ing")) {
      if (word.endsWith(ending) && Syllables.hasVowel(cut(word, ending.length()))) {
        return mended(cut(word, ending.length()));
      }
    }
    return word;
  }

  /** Gives a stem that lost -ed or -ing the letters back that its suffixes are known by. */
  private static String mended(String stem) {
    if (stem.endsWith("at") || stem.endsWith("bl") || stem.endsWith("iz")) {
      return stem + "e";
    }
    if (Syllables.endsWithDoubleConsonant(stem)) {
      return "lsz".indexOf(stem.charAt(stem.length() - 1)) < 0 ? cut(stem, 1) : stem;
    }
    return Syllables.measure(stem) == 1 && Syllables.endsShort(stem) ? stem + "e" : stem;
  }

  /** Step 1c. */
  private static String finalY(String word) {
    int last = word.length() - 1;
    return word.endsWith("y") && last > 1 && Syllables.isConsonant(word, last - 1)
        ? cut(word, 1) + "i"
        : word;
  }

  /** Step 2. */
  private static String doubleSuffix(String word) {
    if (word.endsWith("alli") && Syllables.measure(cut(word, 4)) > 0) {
      return doubleSuffix(cut(word, 2));
    }
    for (Ending ending : DOUBLE_SUFFIXES) {
      if (word.endsWith(ending.from())) {
        return replaced(word, ending, 0);
      }
    }
    // The l counts to the stem, so that geology and archaeology go the same way.
    return word.endsWith("logi") && Syllables.measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
  }

  private static String firstEnding(String word, List<Ending> endings, int above) {
    for (Ending ending : endings) {
      if (word.endsWith(ending.from())) {
        return replaced(word, ending, above);
      }
    }
    return word;
  }

  private static String replaced(String word, Ending ending, int above) {
    String stem = cut(word, ending.from().length());
    boolean applies = Syllables.measure(stem) > above;
    if (ending.from().equals("ion")) {
      applies = applies && (stem.endsWith("s") || stem.endsWith("t"));
    }
    return applies ? stem + ending.to() : word;
  }

  /** Step 5a. */
  private static String withoutFinalE(String word) {
    if (!word.endsWith("e")) {
      return word;
    }
    String stem = cut(word, 1);
    int measure = Syllables.measure(stem);
    return measure > 1 || (measure == 1 && !Syllables.endsShort(stem)) ? stem : word;
  }

  /** Step 5b. */
  private static String withoutDoubleL(String word) {
    return word.endsWith("ll") && Syllables.measure(cut(word, 1)) > 1 ? cut(word, 1) : word;
  }

  private static String cut(String word, int letters) {
    return word.substring(0, word.length() - letters);
  }
}
