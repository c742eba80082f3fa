package dev.kvpress.recipe.text;

import java.util.Map;
import java.util.random.RandomGenerator;

/** Fills a sentence form: choices first, then slots from the given values or the word classes. */
final class Sentences {
  private final Lexicon words;
  private final Lexicon forms;

  Sentences(Lexicon words, Lexicon forms) {
    this.words = words;
    this.forms = forms;
  }

  /**
   * A sentence of a section, its first letter in upper case.
   *
   * @param fixed values of slots that are not drawn anew
   */
  String of(String section, Map<String, String> fixed, RandomGenerator random) {
    return capital(fill(forms.pick(section, random), fixed, random));
  }

  private String fill(String form, Map<String, String> fixed, RandomGenerator random) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < form.length()) {
      char c = form.charAt(i);
      if (c == '(') {
        int end = form.indexOf(')', i);
        String[] choices = form.substring(i + 1, end).split("\\|", -1);
        out.append(fill(choices[random.nextInt(choices.length)], fixed, random));
        i = end + 1;
      } else if (c == '{') {
        int end = form.indexOf('}', i);
        out.append(slot(form.substring(i + 1, end), fixed, random));
        i = end + 1;
      } else {
        out.append(c);
        i++;
      }
    }
    return out.toString();
  }

  private String slot(String slot, Map<String, String> fixed, RandomGenerator random) {
    String given = fixed.get(slot);
    if (given != null) {
      return given;
    }
    if (slot.startsWith("a ")) {
      StringBuilder phrase = new StringBuilder();
      for (String part : slot.substring(2).split(" ")) {
        phrase.append(phrase.isEmpty() ? "" : " ").append(slot(part, fixed, random));
      }
      return ("aeiou".indexOf(Character.toLowerCase(phrase.charAt(0))) >= 0 ? "an " : "a ")
          + phrase;
    }
    if (slot.equals("left")) {
      return random.nextBoolean() ? "left" : "lost";
    }
    return words.pick(slot, random);
  }

  static String capital(String s) {
    int first = s.startsWith("\"") ? 1 : 0;
    return s.substring(0, first) + Character.toUpperCase(s.charAt(first)) + s.substring(first + 1);
  }
}
