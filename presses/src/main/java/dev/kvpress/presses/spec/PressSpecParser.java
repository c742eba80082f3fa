package dev.kvpress.presses.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Recursive descent over the text of one spec. */
final class PressSpecParser {
  // Deeper nesting than any sensible spec; keeps hostile input from exhausting the stack.
  private static final int MAX_DEPTH = 32;

  private final String text;
  private int at;
  private int depth;

  PressSpecParser(String text) {
    this.text = text;
  }

  PressSpec parse() {
    PressSpec spec = spec();
    skipBlanks();
    if (at < text.length()) {
      throw wrong("the end of the spec");
    }
    return spec;
  }

  private PressSpec spec() {
    return specNamed(word("the name of a press"));
  }

  private PressSpec specNamed(String rawName) {
    String name = normalise(rawName);
    List<PressSpec> presses = new ArrayList<>();
    Map<String, PressSpec.Value> parameters = new LinkedHashMap<>();
    if (!take('(')) {
      return new PressSpec(name, presses, parameters);
    }
    if (++depth > MAX_DEPTH) {
      throw new PressSpecException(
          "press spec is nested deeper than %d levels".formatted(MAX_DEPTH));
    }
    if (!take(')')) {
      do {
        argument(presses, parameters);
      } while (take(','));
      if (!take(')')) {
        throw wrong("',' or ')'");
      }
    }
    depth--;
    return new PressSpec(name, presses, parameters);
  }

  private void argument(List<PressSpec> presses, Map<String, PressSpec.Value> parameters) {
    if (take('[')) {
      items().values().forEach(value -> presses.add(asPress(value)));
      return;
    }
    int start = at;
    String word = word("a press or name=value");
    if (take('=')) {
      if (parameters.put(normalise(word), value()) != null) {
        throw new PressSpecException(
            "press spec '%s' gives %s twice".formatted(text, normalise(word)));
      }
    } else {
      if (!Character.isLetter(word.charAt(0))) {
        at = start;
        throw wrong("a press or name=value");
      }
      presses.add(specNamed(word));
    }
  }

  private PressSpec asPress(PressSpec.Value value) {
    if (value instanceof PressSpec.Nested nested) {
      return nested.spec();
    }
    if (value instanceof PressSpec.Word plain && Character.isLetter(plain.text().charAt(0))) {
      return new PressSpec(normalise(plain.text()), List.of(), Map.of());
    }
    throw wrong("a list of presses");
  }

  private PressSpec.Value value() {
    if (take('[')) {
      return items();
    }
    skipBlanks();
    if (at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\'')) {
      return quoted();
    }
    String word = word("a value");
    skipBlanks();
    if (at < text.length() && text.charAt(at) == '(') {
      return new PressSpec.Nested(specNamed(word));
    }
    return new PressSpec.Word(word);
  }

  private PressSpec.Items items() {
    List<PressSpec.Value> values = new ArrayList<>();
    if (++depth > MAX_DEPTH) {
      throw new PressSpecException(
          "press spec is nested deeper than %d levels".formatted(MAX_DEPTH));
    }
    if (!take(']')) {
      do {
        values.add(value());
      } while (take(','));
      if (!take(']')) {
        throw wrong("',' or ']'");
      }
    }
    depth--;
    return new PressSpec.Items(values);
  }

  private PressSpec.Word quoted() {
    char quote = text.charAt(at);
    int end = text.indexOf(quote, at + 1);
    if (end < 0) {
      throw wrong("a closing " + quote);
    }
    PressSpec.Word word = new PressSpec.Word(text.substring(at + 1, end));
    at = end + 1;
    return word;
  }

  private String word(String expected) {
    skipBlanks();
    int start = at;
    while (at < text.length() && isWord(text.charAt(at))) {
      at++;
    }
    if (start == at) {
      throw wrong(expected);
    }
    return text.substring(start, at);
  }

  private static boolean isWord(char c) {
    return Character.isLetterOrDigit(c) || "_-+./:\\~".indexOf(c) >= 0;
  }

  private static String normalise(String name) {
    return name.toLowerCase(Locale.ROOT).replace('-', '_');
  }

  private boolean take(char c) {
    skipBlanks();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void skipBlanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private PressSpecException wrong(String expected) {
    String found = at < text.length() ? "'" + text.charAt(at) + "'" : "the end";
    return new PressSpecException(
        "press spec '%s': expected %s at character %d, found %s"
            .formatted(text, expected, at + 1, found));
  }
}
