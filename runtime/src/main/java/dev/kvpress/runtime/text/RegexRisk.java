package dev.kvpress.runtime.text;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Finds expressions that may take time exponential in the length of a text: a group that repeats
 * without bound and holds what repeats without bound, as {@code (a+)+}. The tokenizer library gives
 * up on these in the middle of a text and takes the whole program with it.
 */
final class RegexRisk {
  private final String regex;
  private int at;

  private RegexRisk(String regex) {
    this.regex = regex;
  }

  /** What is wrong with an expression, if anything. */
  static Optional<String> find(String regex) {
    return new RegexRisk(regex).nested()
        ? Optional.of(
            "found a repetition within a repetition, which may take for ever; write the expression"
                + " without it")
        : Optional.empty();
  }

  private boolean nested() {
    Deque<Boolean> outer = new ArrayDeque<>();
    boolean repeats = false;
    while (at < regex.length()) {
      char c = regex.charAt(at);
      boolean group = false;
      boolean inner = false;
      switch (c) {
        case '\\' -> at += 2;
        case '[' -> skipClass();
        case '(' -> {
          outer.push(repeats);
          repeats = false;
          at++;
          continue;
        }
        case ')' -> {
          inner = repeats;
          repeats = !outer.isEmpty() && outer.pop() || inner;
          group = true;
          at++;
        }
        default -> at++;
      }
      if (repeatsWithoutBound()) {
        if (group && inner) {
          return true;
        }
        repeats |= !possessive();
      }
    }
    return false;
  }

  /** Whether {@code *}, {@code +} or an open {@code {n,}} follows; passes over it if so. */
  private boolean repeatsWithoutBound() {
    if (at >= regex.length()) {
      return false;
    }
    char c = regex.charAt(at);
    if (c == '*' || c == '+') {
      at++;
      return true;
    }
    int end = c == '{' ? regex.indexOf('}', at) : -1;
    if (end > at && regex.substring(at, end).matches("\\{\\d+,")) {
      at = end + 1;
      return true;
    }
    return false;
  }

  private boolean possessive() {
    if (at < regex.length() && regex.charAt(at) == '+') {
      at++;
      return true;
    }
    return false;
  }

  /** Classes may hold classes, and a bracket as their first sign. */
  private void skipClass() {
    int depth = 0;
    do {
      char c = regex.charAt(at);
      if (c == '\\') {
        at++;
      } else if (c == '[') {
        depth++;
        if (at + 1 < regex.length() && regex.charAt(at + 1) == '^') {
          at++;
        }
        if (at + 1 < regex.length() && regex.charAt(at + 1) == ']') {
          at++;
        }
      } else if (c == ']') {
        depth--;
      }
      at++;
    } while (depth > 0 && at < regex.length());
  }
}
