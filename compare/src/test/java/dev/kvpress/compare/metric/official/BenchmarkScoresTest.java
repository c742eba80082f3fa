package dev.kvpress.compare.metric.official;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvpress.compare.metric.OriginalFigures;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchmarkScoresTest {
  private static void hold(List<JsonNode> rows, String column, OfficialScore score) {
    OriginalFigures.hold(
        rows,
        score.id(),
        row -> row.get(column).asDouble(),
        row -> {
          Expected expected = new Expected(OriginalFigures.texts(row, "expected"), List.of());
          // What is refused here can have nothing but 0 there.
          return score.fault(expected).isPresent()
              ? 0
              : score.score(row.get("written").asText(), expected);
        });
  }

  @Test
  void mathematicalAnswersScoreAsInTheHarnessAndInKvpress() {
    List<JsonNode> rows = OriginalFigures.rows("math", 200);
    hold(rows, "gsm8k_strict", MathScore.GSM8K_STRICT);
    hold(rows, "gsm8k_flexible", MathScore.GSM8K_FLEXIBLE);
    hold(rows, "gsm8k_cot_strict", MathScore.GSM8K_COT_STRICT);
    hold(rows, "gsm8k_cot_flexible", MathScore.GSM8K_COT_FLEXIBLE);
    hold(rows, "hendrycks_math", MathScore.HENDRYCKS_MATH);
    hold(rows, "aime", MathScore.AIME);
    hold(rows, "kvpress_aime", MathScore.KVPRESS_AIME);
    hold(rows, "kvpress_math", MathScore.KVPRESS_MATH);
  }

  @Test
  void tasksScoreAsInInfiniteBench() {
    List<JsonNode> rows = OriginalFigures.rows("infinitebench", 500);
    for (InfiniteBenchScore score : InfiniteBenchScore.values()) {
      if (score != InfiniteBenchScore.LONGBOOK_QA_CHN) {
        List<JsonNode> own =
            rows.stream().filter(row -> row.get("task").asText().equals(score.id())).toList();
        assertThat(own).hasSizeGreaterThanOrEqualTo(40);
        hold(own, "score", score);
      }
    }
    hold(
        OriginalFigures.rows("chinese", 200),
        "longbook_qa_chn",
        InfiniteBenchScore.LONGBOOK_QA_CHN);
  }

  @Test
  void lettersScoreAsInLongBenchV2() {
    hold(OriginalFigures.rows("choices", 20), "longbench_v2", new LongBenchV2Score());
  }

  @Test
  void theRightNeedleScoresAll() {
    NeedleScore score = new NeedleScore();
    assertThat(score.score(" Hedda wears an apron.", Expected.of("Hedda wears an apron.")))
        .isGreaterThan(0.99999);
    assertThat(score.score("", Expected.of("Hedda wears an apron."))).isZero();
  }
}
