package dev.kvpress.compare.metric.official;

import com.google.common.base.Splitter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Mathematical answers as Hendrycks et al. ("Measuring Mathematical Problem Solving", 2021) and
 * lm-evaluation-harness compare them: as TeX, after blanks, sizes of brackets, units and the like
 * are gone and short forms are written out (\frac12, \sqrt3, 1/2). Nothing is calculated: 0.25 is
 * not 1/4.
 */
final class MathText {
  private static final String FRAC = "\\frac";
  private static final String SQRT = "\\sqrt";

  /** Units on the right are the only texts that begin with a blank. */
  private static final Splitter UNITS = Splitter.on("\\text{ ");

  private static final Splitter SLASH = Splitter.on('/');
  private static final Splitter EQUALS = Splitter.on('=');
  private static final Splitter FRACS = Splitter.on(FRAC);
  private static final Splitter SQRTS = Splitter.on(SQRT);
  private static final Pattern WHOLE = Pattern.compile("0|-?[1-9][0-9]*");

  private MathText() {}

  /** Whether two answers are the same; where one cannot be taken apart, as they stand. */
  static boolean areSame(String a, String b) {
    Optional<String> left = plain(a);
    Optional<String> right = plain(b);
    return left.isPresent() && right.isPresent() ? left.equals(right) : a.equals(b);
  }

  /** One form of the many that an answer may have; empty where the original gives up. */
  static Optional<String> plain(String text) {
    String s =
        text.replace("\n", "")
            .replace("\\!", "")
            .replace("\\\\", "\\")
            .replace("tfrac", "frac")
            .replace("dfrac", "frac")
            .replace("\\left", "")
            .replace("\\right", "")
            .replace("^{\\circ}", "")
            .replace("^\\circ", "")
            .replace("\\$", "");
    List<String> units = UNITS.splitToList(s);
    if (units.size() > 2) {
      return Optional.empty();
    }
    s = units.get(0).replace("\\%", "").replace(" .", " 0.").replace("{.", "{0.");
    if (s.isEmpty()) {
      return Optional.of(s);
    }
    s = withoutName(s.startsWith(".") ? "0" + s : s);
    return bracedRoots(s)
        .flatMap(braced -> bracedFractions(braced.replace(" ", "")))
        .flatMap(braced -> fraction(braced.equals("0.5") ? "1/2" : braced));
  }

  /** {@code x = 5} is 5. */
  private static String withoutName(String text) {
    List<String> sides = EQUALS.splitToList(text);
    return sides.size() == 2 && sides.get(0).length() <= 2 ? sides.get(1) : text;
  }

  private static Optional<String> bracedRoots(String text) {
    List<String> parts = SQRTS.splitToList(text);
    StringBuilder braced = new StringBuilder(parts.get(0));
    for (String part : parts.subList(1, parts.size())) {
      if (part.isEmpty()) {
        return Optional.empty();
      }
      braced.append(SQRT);
      braced.append(part.startsWith("{") ? part : braces(part.charAt(0)) + part.substring(1));
    }
    return Optional.of(braced.toString());
  }

  private static Optional<String> bracedFractions(String text) {
    List<String> parts = FRACS.splitToList(text);
    StringBuilder braced = new StringBuilder(parts.get(0));
    for (String part : parts.subList(1, parts.size())) {
      if (part.isEmpty()) {
        return Optional.empty();
      }
      braced.append(FRAC);
      if (part.startsWith("{")) {
        braced.append(part);
      } else if (part.length() < 2) {
        return Optional.of(text);
      } else {
        char below = part.charAt(1);
        braced.append(braces(part.charAt(0)));
        braced.append(below == '{' ? "{" : braces(below)).append(part.substring(2));
      }
    }
    return Optional.of(braced.toString());
  }

  private static String braces(char inside) {
    return "{" + inside + "}";
  }

  /** Two whole numbers with a slash between them are a fraction; other slashes are given up. */
  private static Optional<String> fraction(String text) {
    List<String> parts = SLASH.splitToList(text);
    if (parts.size() != 2) {
      return Optional.of(text);
    }
    if (parts.stream().anyMatch(part -> PythonNumbers.whole(part).isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(
        parts.stream().allMatch(part -> WHOLE.matcher(part).matches())
            ? FRAC + "{" + parts.get(0) + "}{" + parts.get(1) + "}"
            : text);
  }
}
