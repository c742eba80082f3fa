package dev.kvpress.compare.metric.official;

import com.google.common.base.Splitter;
import dev.kvpress.compare.metric.words.PythonText;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks of answers to mathematical questions, as lm-evaluation-harness 0.4 and kvpress make them.
 * The harness's minerva_math and math_verify calculate with the answers (SymPy) and are not here.
 */
public enum MathScore implements OfficialScore {
  /** The first number behind {@code ####} is that of the solution. */
  GSM8K_STRICT(ScoreColumn.GSM8K_STRICT_MATCH, "gsm8k, strict-match") {
    @Override
    boolean isRight(String written, String expected) {
      return sameNumber(first(BEHIND_HASHES, written), expected);
    }
  },
  /** The last number is that of the solution. */
  GSM8K_FLEXIBLE(ScoreColumn.GSM8K_FLEXIBLE_EXTRACT, "gsm8k, flexible-extract") {
    @Override
    boolean isRight(String written, String expected) {
      return sameNumber(lastNumber(written), expected);
    }
  },
  /** The first number behind "The answer is", a character behind it, is that of the solution. */
  GSM8K_COT_STRICT(ScoreColumn.GSM8K_STRICT_MATCH, "gsm8k_cot, strict-match") {
    @Override
    boolean isRight(String written, String expected) {
      return sameNumber(first(BEHIND_PHRASE, written), behindHashes(expected));
    }
  },
  /** The last number is what stands behind the last {@code ####} of the solution. */
  GSM8K_COT_FLEXIBLE(ScoreColumn.GSM8K_FLEXIBLE_EXTRACT, "gsm8k_cot, flexible-extract") {
    @Override
    boolean isRight(String written, String expected) {
      return sameNumber(lastNumber(written), behindHashes(expected));
    }
  },
  /** What stands between the first and the last dollar sign is what the solution has boxed. */
  HENDRYCKS_MATH(ScoreColumn.MATH_EXACT_MATCH, "hendrycks_math") {
    @Override
    boolean isRight(String written, String expected) {
      return MathText.areSame(betweenDollars(written), BoxedAnswer.last(expected).orElse(expected));
    }
  },
  /** What is boxed, else what stands between dollar signs, is the answer. */
  AIME(ScoreColumn.AIME_EXACT_MATCH, "aime") {
    @Override
    boolean isRight(String written, String expected) {
      return MathText.areSame(
          BoxedAnswer.last(written).orElseGet(() -> betweenDollars(written)), expected);
    }
  },
  /**
   * What stands behind the last <code>boxed{</code>, up to a closing brace; all of it without a
   * box.
   */
  KVPRESS_AIME(ScoreColumn.AIME_BOXED, "kvpress aime25") {
    @Override
    boolean isRight(String written, String expected) {
      return upToBrace(behindLast(BOX, written)).equals(expected);
    }
  },
  /** What stands behind the first <code>boxed{</code>, up to a closing brace. */
  KVPRESS_MATH(ScoreColumn.MATH_BOXED, "kvpress math500") {
    @Override
    boolean isRight(String written, String expected) {
      return BOXES
          .splitToStream(written)
          .skip(1)
          .findFirst()
          .filter(answer -> upToBrace(answer).equals(expected))
          .isPresent();
    }
  };

  private static final Pattern BEHIND_HASHES = Pattern.compile("#### (-?[0-9.,]+)");
  private static final Pattern BEHIND_PHRASE = Pattern.compile("The answer is (-?[0-9.,]+)[^\n]");
  private static final Pattern ANY_NUMBER = Pattern.compile("-?[$0-9.,]{2,}|-?[0-9]+");
  private static final Pattern UP_TO_HASHES = Pattern.compile("(?s).*#### ");
  private static final Pattern FULL_STOP = Pattern.compile("\\.(?=\n?\\z)");
  private static final String HASHES = "####";
  private static final String BOX = "boxed{";
  private static final Splitter BOXES = Splitter.on(BOX);
  private static final Splitter BRACES = Splitter.on('}');

  /** What the harness compares where it finds no number. */
  private static final String NOTHING = "[invalid]";

  private final ScoreColumn column;
  private final String id;

  MathScore(ScoreColumn column, String id) {
    this.column = column;
    this.id = id;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public ScoreColumn column() {
    return column;
  }

  @Override
  public double score(String written, Expected expected) {
    return expected.answers().stream().anyMatch(answer -> isRight(written, answer)) ? 1 : 0;
  }

  abstract boolean isRight(String written, String expected);

  /** Thousands separators, dollar signs, the way to the answer and a full stop do not count. */
  private static boolean sameNumber(String found, String expected) {
    return number(found).equals(number(expected));
  }

  private static String number(String text) {
    String plain = text.replace(",", "").replace("$", "");
    plain = UP_TO_HASHES.matcher(plain).replaceAll("");
    return PythonText.lower(FULL_STOP.matcher(plain).replaceAll(""));
  }

  private static String first(Pattern pattern, String written) {
    Matcher matcher = pattern.matcher(written);
    return matcher.find() ? matcher.group(1) : NOTHING;
  }

  private static String lastNumber(String written) {
    return ANY_NUMBER
        .matcher(written)
        .results()
        .map(MatchResult::group)
        .reduce((before, last) -> last)
        .orElse(NOTHING);
  }

  private static String behindHashes(String solution) {
    return PythonText.strip(behindLast(HASHES, solution));
  }

  /** What stands behind the last mark; all of a text without one. */
  private static String behindLast(String mark, String text) {
    int at = text.lastIndexOf(mark);
    return at < 0 ? text : text.substring(at + mark.length());
  }

  private static String betweenDollars(String written) {
    int first = written.indexOf('$');
    int last = written.lastIndexOf('$');
    return first == last ? written : written.substring(first + 1, last);
  }

  private static String upToBrace(String text) {
    return BRACES.split(text).iterator().next();
  }

  @Override
  public Optional<String> fault(Expected expected) {
    return expected.answers().stream()
        .filter(String::isBlank)
        .findFirst()
        .map(blank -> "answer: expected a number or a solution, found a blank text");
  }
}
