package dev.kvpress.compare.metric.official;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OfficialScoresTest {
  private static List<OfficialScore> scores(String dataSet) {
    return OfficialScores.of(dataSet).stream().map(OfficialScores.Entry::score).toList();
  }

  @Test
  void knowsTheMeasuresOfEachDataSet() {
    assertThat(scores("hotpotqa")).containsExactly(LongBenchScore.QA_F1_SCORE);
    assertThat(scores("gov_report-e")).containsExactly(LongBenchScore.ROUGE_SCORE);
    assertThat(scores("lcc_e")).containsExactly(LongBenchScore.CODE_SIM_SCORE);
    assertThat(scores("dureader")).containsExactly(LongBenchScore.ROUGE_ZH_SCORE);
    assertThat(scores("gsm8k")).containsExactly(MathScore.GSM8K_STRICT, MathScore.GSM8K_FLEXIBLE);
    assertThat(scores("niah_single_1")).isEmpty();
    assertThat(scores("gsm8k_e")).isEmpty();
  }

  @Test
  void aDataSetHasEachColumnOnce() {
    OfficialScores.all().stream()
        .flatMap(entry -> entry.dataSets().stream())
        .distinct()
        .forEach(
            name ->
                assertThat(OfficialScores.of(name))
                    .as(name)
                    .extracting(entry -> entry.score().column())
                    .doesNotHaveDuplicates());
  }

  @Test
  void onlyTheFirstLineCountsOfSomeAnswers() {
    OfficialScores.Entry trec = OfficialScores.of("trec").get(0);
    Expected expected = new Expected(List.of("Place"), List.of("Place", "Date"));
    assertThat(trec.score("\nPlace\nDate", expected)).isEqualTo(1);
  }

  @Test
  void whatAModelAsksItselfNextDoesNotCount() {
    OfficialScores.Entry flexible = OfficialScores.of("gsm8k").get(1);
    assertThat(flexible.score("so 12.\n\nQuestion: how many are 7", Expected.of("#### 12")))
        .isEqualTo(1);
  }

  @Test
  void answersAreAsLongAsTheBenchmarkLetsThemBe() {
    assertThat(AnswerLengths.of("gov_report_e")).hasValue(512);
    assertThat(AnswerLengths.of("code_run")).hasValue(5);
    assertThat(AnswerLengths.of("squad")).isEmpty();
    AnswerLengths.all().keySet().forEach(name -> assertThat(scores(name)).as(name).isNotEmpty());
  }

  @Test
  void theDocumentListsEveryDataSet() throws IOException {
    Path file = Path.of(System.getProperty("kvpress.root"), "docs", "tasks.md");
    List<String> lines = Files.readAllLines(file);
    for (OfficialScores.Entry entry : OfficialScores.all()) {
      assertThat(lines).contains(entry.row());
    }
    AnswerLengths.all()
        .forEach(
            (name, tokens) ->
                assertThat(lines).anyMatch(line -> line.contains(name + " " + tokens)));
  }
}
