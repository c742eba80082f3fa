package dev.kvpress.runtime.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;

/**
 * Finds added tokens in a text: from left to right, the longest where several begin.
 *
 * <p>They are few beside a SentencePiece model, so each is simply looked for.
 */
final class AddedTokenSplitter {
  private final List<AddedToken> tokens;

  AddedTokenSplitter(List<AddedToken> tokens) {
    this.tokens =
        tokens.stream()
            .sorted(Comparator.comparingInt((AddedToken token) -> -token.content().length()))
            .toList();
  }

  /**
   * A piece of a text.
   *
   * @param text as it stands, without white space that a neighbouring token takes
   * @param id of the added token it is, if it is one
   */
  record Section(String text, OptionalInt id) {}

  /** The sections of a text in order; none is empty. */
  List<Section> split(String text) {
    List<Section> sections = new ArrayList<>();
    int from = 0;
    int[] next = new int[tokens.size()];
    Arrays.fill(next, -1);
    int at = 0;
    while (true) {
      int best = -1;
      for (int i = 0; i < next.length; i++) {
        if (next[i] < at && next[i] != Integer.MAX_VALUE) {
          next[i] = find(text, tokens.get(i), at);
        }
        if (next[i] != Integer.MAX_VALUE && (best < 0 || next[i] < next[best])) {
          best = i;
        }
      }
      if (best < 0) {
        break;
      }
      AddedToken token = tokens.get(best);
      int begin = next[best];
      int end = begin + token.content().length();
      at = end;
      int left = token.lstrip() ? blanksBefore(text, begin, from) : begin;
      int right = token.rstrip() ? blanksBehind(text, end) : end;
      add(text.substring(from, left), OptionalInt.empty(), sections);
      add(token.content(), token.id(), sections);
      from = right;
      at = right;
    }
    add(text.substring(from), OptionalInt.empty(), sections);
    return sections;
  }

  private static void add(String text, OptionalInt id, List<Section> sections) {
    if (!text.isEmpty()) {
      sections.add(new Section(text, id));
    }
  }

  private static int find(String text, AddedToken token, int from) {
    int at = text.indexOf(token.content(), from);
    while (at >= 0 && token.singleWord() && !standsAlone(text, at, token.content().length())) {
      at = text.indexOf(token.content(), at + 1);
    }
    return at < 0 ? Integer.MAX_VALUE : at;
  }

  private static boolean standsAlone(String text, int at, int length) {
    return (at == 0 || !isWord(text.codePointBefore(at)))
        && (at + length == text.length() || !isWord(text.codePointAt(at + length)));
  }

  private static boolean isWord(int codePoint) {
    return Character.isLetterOrDigit(codePoint)
        || codePoint == '_'
        || Character.getType(codePoint) == Character.NON_SPACING_MARK
        || Character.getType(codePoint) == Character.COMBINING_SPACING_MARK;
  }

  private static int blanksBefore(String text, int end, int from) {
    int at = end;
    while (at > from && Character.isWhitespace(text.charAt(at - 1))) {
      at--;
    }
    return at;
  }

  private static int blanksBehind(String text, int from) {
    int at = from;
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
