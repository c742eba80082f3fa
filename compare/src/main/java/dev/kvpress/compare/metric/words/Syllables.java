package dev.kvpress.compare.metric.words;

/** Vowels and consonants as Porter's rules see them: a y behind a consonant is a vowel. */
final class Syllables {
  private Syllables() {}

  private static boolean[] consonants(String word) {
    boolean[] consonants = new boolean[word.length()];
    for (int i = 0; i < consonants.length; i++) {
      char letter = word.charAt(i);
      consonants[i] = letter == 'y' ? i == 0 || !consonants[i - 1] : "aeiou".indexOf(letter) < 0;
    }
    return consonants;
  }

  static boolean isConsonant(String word, int place) {
    return consonants(word)[place];
  }

  /** How often a vowel is followed by a consonant. */
  static int measure(String stem) {
    boolean[] consonants = consonants(stem);
    int measure = 0;
    for (int i = 1; i < consonants.length; i++) {
      measure += !consonants[i - 1] && consonants[i] ? 1 : 0;
    }
    return measure;
  }

  static boolean hasVowel(String stem) {
    for (boolean consonant : consonants(stem)) {
      if (!consonant) {
        return true;
      }
    }
    return false;
  }

  static boolean endsWithDoubleConsonant(String word) {
    int last = word.length() - 1;
    return last >= 1 && word.charAt(last) == word.charAt(last - 1) && consonants(word)[last];
  }

  /**
   * Whether it ends consonant, vowel, consonant, the last one none of w, x, y; NLTK counts a word
   * of one vowel and one consonant too.
   */
  static boolean endsShort(String word) {
    boolean[] consonants = consonants(word);
    int length = consonants.length;
    if (length == 2) {
      return !consonants[0] && consonants[1];
    }
    return length >= 3
        && consonants[length - 3]
        && !consonants[length - 2]
        && consonants[length - 1]
        && "wxy".indexOf(word.charAt(length - 1)) < 0;
  }
}
