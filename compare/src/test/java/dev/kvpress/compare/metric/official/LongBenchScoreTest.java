package dev.kvpress.compare.metric.official;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.metric.OriginalFigures;
import java.util.List;
import org.junit.jupiter.api.Test;

class LongBenchScoreTest {
  private static void hold(String group, String expected, LongBenchScore score) {
    OriginalFigures.hold(
        OriginalFigures.rows(group, 200),
        score.id(),
        row -> row.get(score.id()).asDouble(),
        row -> score.score(row.get("written").asText(), expected(row, expected)));
  }

  private static Expected expected(JsonNode row, String column) {
    List<String> classes = row.has("classes") ? OriginalFigures.texts(row, "classes") : List.of();
    return new Expected(OriginalFigures.texts(row, column), classes);
  }

  @Test
  void englishTextsScoreAsInLongBench() {
    hold("plain", "expected", LongBenchScore.QA_F1_SCORE);
    hold("plain", "expected", LongBenchScore.ROUGE_SCORE);
  }

  @Test
  void chineseTextsScoreAsInLongBench() {
    hold("chinese", "expected", LongBenchScore.QA_F1_ZH_SCORE);
    hold("chinese", "expected", LongBenchScore.ROUGE_ZH_SCORE);
  }

  @Test
  void codeScoresAsInLongBench() {
    hold("code", "expected", LongBenchScore.CODE_SIM_SCORE);
  }

  @Test
  void classesScoreAsInLongBench() {
    hold("classes", "expected", LongBenchScore.CLASSIFICATION_SCORE);
  }

  @Test
  void numbersScoreAsInLongBench() {
    hold("counts", "paragraph", LongBenchScore.RETRIEVAL_SCORE);
    hold("counts", "chinese", LongBenchScore.RETRIEVAL_ZH_SCORE);
    hold("counts", "number", LongBenchScore.COUNT_SCORE);
  }

  @Test
  void indentationOfCodeCounts() {
    Expected line = Expected.of("    return x");
    assertThat(LongBenchScore.CODE_SIM_SCORE.score("\n    return x\n", line)).isEqualTo(1);
    assertThat(LongBenchScore.CODE_SIM_SCORE.score("return x\n", line)).isLessThan(0.9);
  }

  @Test
  void refusesExpectedAnswersThatTheOriginalStopsAt() {
    assertThatThrownBy(() -> LongBenchScore.RETRIEVAL_SCORE.score("7", Expected.of("7")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected such as 'Paragraph 7', found '7'");
    assertThatThrownBy(() -> LongBenchScore.CLASSIFICATION_SCORE.score("x", Expected.of("x")))
        .hasMessageContaining("all_classes");
  }

  @Test
  void onlyTheFirstLineCountsWhereLongBenchCutsThere() {
    assertThat(LongBenchScore.firstLine("\n\nfirst\nsecond")).isEqualTo("first");
    assertThat(LongBenchScore.firstLine("")).isEmpty();
  }
}
