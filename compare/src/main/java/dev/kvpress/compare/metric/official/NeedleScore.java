package dev.kvpress.compare.metric.official;

import dev.kvpress.compare.metric.RougePackage;
import dev.kvpress.compare.metric.words.PythonText;
import java.util.List;

/**
 * ROUGE-L of {@link RougePackage} between a needle and what was said of it, as kvpress scores a
 * needle in a haystack: the needle is the package's hypothesis, the answer its reference. Where the
 * package stops at an empty answer, the score is 0.
 */
final class NeedleScore implements OfficialScore {
  @Override
  public String id() {
    return "rouge-l";
  }

  @Override
  public ScoreColumn column() {
    return ScoreColumn.NEEDLE_ROUGE_L;
  }

  @Override
  public double score(String written, Expected expected) {
    List<String> answer = List.of(PythonText.strip(written));
    return expected.answers().stream()
        .mapToDouble(needle -> RougePackage.of(PythonText.strip(needle), answer).rougeL())
        .max()
        .orElseThrow();
  }
}
