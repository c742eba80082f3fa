package dev.kvpress.compare.metric.official;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether an answer in free words names the right letter, as LongBench v2 (Bai et al., 2024) finds
 * it: "The correct answer is (A)", else without the brackets, asterisks aside.
 */
final class LongBenchV2Score implements OfficialScore {
  private static final Pattern BRACKETED = Pattern.compile("The correct answer is \\(([A-D])\\)");
  private static final Pattern PLAIN = Pattern.compile("The correct answer is ([A-D])");
  private static final Pattern LETTER = Pattern.compile("[A-D]");

  @Override
  public String id() {
    return "extract_answer";
  }

  @Override
  public ScoreColumn column() {
    return ScoreColumn.LONGBENCH_V2_ACC;
  }

  @Override
  public double score(String written, Expected expected) {
    String plain = written.replace("*", "");
    Optional<String> letter = found(BRACKETED, plain).or(() -> found(PLAIN, plain));
    return letter.filter(expected.answers()::contains).isPresent() ? 1 : 0;
  }

  private static Optional<String> found(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  @Override
  public Optional<String> fault(Expected expected) {
    return expected.answers().stream()
        .filter(answer -> !LETTER.matcher(answer).matches())
        .findFirst()
        .map(answer -> "answer: expected one of the letters A to D, found '%s'".formatted(answer));
  }
}
