package dev.kvpress.compare.metric;

import java.lang.Character.UnicodeScript;
import java.util.EnumSet;
import java.util.Set;

/**
 * Where words and numbers begin and end. A place between two characters is inside a word if both
 * are letters, digits or marks, unless one belongs to a script that is written without blanks
 * between words. It is inside a number if a point stands there between two digits, a comma before
 * three digits, or a minus sign before the first digit with a blank or nothing before it: 12 does
 * not occur in 12.5, in 12,000 or in -12, but in 11,12,13.
 */
final class WordEdges {
  private static final Set<UnicodeScript> WITHOUT_BLANKS =
      EnumSet.of(
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.THAI,
          UnicodeScript.LAO,
          UnicodeScript.KHMER,
          UnicodeScript.MYANMAR,
          UnicodeScript.TIBETAN);

  private WordEdges() {}

  /**
   * Whether a text has an answer as whole words.
   *
   * @param answer not empty
   */
  static boolean occurs(String answer, String text) {
    for (int at = text.indexOf(answer); at >= 0; at = text.indexOf(answer, at + 1)) {
      if (!isInside(text, at, true) && !isInside(text, at + answer.length(), false)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isInside(String text, int place, boolean answerFollows) {
    if (place == 0 || place == text.length()) {
      return false;
    }
    int before = text.codePointBefore(place);
    int after = text.codePointAt(place);
    if (isPart(before) && isPart(after)) {
      return !standsAlone(before) && !standsAlone(after);
    }
    return answerFollows ? continuesNumber(text, place) : isContinued(text, place);
  }

  /** Whether the digit at a place goes on what stands before it. */
  private static boolean continuesNumber(String text, int place) {
    if (!isDigit(text, place)) {
      return false;
    }
    return switch (text.charAt(place - 1)) {
      case '.' -> isDigit(text, place - 2);
      case ',' -> isDigit(text, place - 2) && isGroup(text, place);
      case '-', '−' -> place < 2 || Character.isWhitespace(text.charAt(place - 2));
      default -> false;
    };
  }

  /** Whether the digit before a place goes on behind it. */
  private static boolean isContinued(String text, int place) {
    if (!isDigit(text, place - 1)) {
      return false;
    }
    return switch (text.charAt(place)) {
      case '.' -> isDigit(text, place + 1);
      case ',' -> isGroup(text, place + 1);
      default -> false;
    };
  }

  /** Whether exactly three digits begin at a place, as behind a thousands separator. */
  private static boolean isGroup(String text, int place) {
    return isDigit(text, place)
        && isDigit(text, place + 1)
        && isDigit(text, place + 2)
        && !isDigit(text, place + 3);
  }

  private static boolean isDigit(String text, int place) {
    return place >= 0 && place < text.length() && Character.isDigit(text.charAt(place));
  }

  private static boolean isPart(int character) {
    return Character.isLetterOrDigit(character)
        || switch (Character.getType(character)) {
          case Character.NON_SPACING_MARK,
              Character.COMBINING_SPACING_MARK,
              Character.ENCLOSING_MARK,
              Character.LETTER_NUMBER,
              Character.OTHER_NUMBER ->
              true;
          default -> false;
        };
  }

  private static boolean standsAlone(int character) {
    return WITHOUT_BLANKS.contains(UnicodeScript.of(character));
  }
}
