package dev.kvpress.compare.metric.official;

import com.google.common.base.CharMatcher;
import dev.kvpress.compare.metric.words.PythonText;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The choice that an answer in free words names, as InfiniteBench finds it. */
final class AnnouncedChoice {
  private static final List<String> BEFORE_BUG =
      List.of("answer is:", "is:", "answer:", "correct option is:");
  private static final List<String> BEFORE_LETTER =
      List.of("answer is:", "answer:", "answer is", "option is");
  private static final Pattern MARKUP = Pattern.compile("[\n`'\"*-]|[Oo]ption");
  private static final CharMatcher SIGNS = CharMatcher.anyOf("\n\"'.,?!{}");
  private static final String LETTERS = "ABCD";

  private AnnouncedChoice() {}

  /** Whether it names a function or its letter as the one with the bug. */
  static boolean bug(String written, String name, String letter) {
    String text = PythonText.strip(written);
    if (text.startsWith(letter + ".") || text.startsWith(letter + ":")) {
      return true;
    }
    String plain = spaced(MARKUP.matcher(text).replaceAll(" "));
    return announced(plain, BEFORE_BUG, List.of(letter, name)).orElse(false);
  }

  /** Whether it names one of the answers, which are the text of the right choice and its letter. */
  static boolean letter(String written, List<String> answers) {
    String text = PythonText.strip(written);
    if (text.isEmpty()) {
      return false;
    }
    if (LETTERS.indexOf(text.charAt(0)) >= 0) {
      return answers.contains(text.substring(0, 1));
    }
    if (answers.contains(text)) {
      return true;
    }
    String plain = spaced(SIGNS.replaceFrom(text, ' '));
    return announced(plain, BEFORE_LETTER, answers)
        .orElseGet(() -> firstLetter(plain).filter(answers::contains).isPresent());
  }

  /**
   * Whether one of the answers follows the first announcement that occurs; empty if none does. One
   * character behind the announcement is passed over, whatever it is.
   */
  private static Optional<Boolean> announced(
      String text, List<String> announcements, List<String> answers) {
    for (String announcement : announcements) {
      int at = text.indexOf(announcement);
      if (at >= 0) {
        int from = at + announcement.length() + 1;
        return Optional.of(
            from <= text.length() && answers.stream().anyMatch(text.substring(from)::startsWith));
      }
    }
    return Optional.empty();
  }

  /** The first word that is a part of ABCD. */
  private static Optional<String> firstLetter(String text) {
    return PythonText.split(text).stream().filter(LETTERS::contains).findFirst();
  }

  private static String spaced(String text) {
    return CharMatcher.is(' ').collapseFrom(text, ' ');
  }
}
