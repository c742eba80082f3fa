package dev.kvpress.compare.metric.official;

import dev.kvpress.compare.metric.words.PythonText;
import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Pattern;

/** Numbers as Python reads them. */
final class PythonNumbers {
  private static final Pattern WHOLE = Pattern.compile("[+-]?\\p{Nd}+(?:_\\p{Nd}+)*");

  private PythonNumbers() {}

  /** {@code int(text)}; empty where Python would stop. */
  static Optional<Number> whole(String text) {
    String plain = PythonText.strip(text);
    return WHOLE.matcher(plain).matches()
        ? Optional.of(new BigInteger(plain.replace("_", "")))
        : Optional.empty();
  }

  /** Whether Python would read it as a whole or floating-point number. */
  static boolean isNumber(String text) {
    if (whole(text).isPresent()) {
      return true;
    }
    try {
      return Double.isFinite(Double.parseDouble(PythonText.strip(text)));
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /**
   * Whether a number of a text is the expected one: a whole one if that is whole, else as a
   * floating-point number.
   */
  static boolean isFound(String found, String expected) {
    Optional<Number> whole = whole(expected);
    if (whole.isPresent()) {
      return whole(found).equals(whole);
    }
    try {
      return Double.parseDouble(found) == Double.parseDouble(PythonText.strip(expected));
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
