package dev.kvpress.compare.task;

import static dev.kvpress.compare.task.DemoModel.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.metric.official.ScoreColumn;
import dev.kvpress.compare.run.CellOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuresOfDataSetsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path cache;
  private static DemoModel model;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    model = new DemoModel(cache);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private Path row(String dataSet, String answer) throws IOException {
    ObjectNode recall =
        (ObjectNode) JSON.readTree(Files.readAllLines(DemoModel.data("recall.jsonl")).get(0));
    ObjectNode row = JSON.createObjectNode().put("dataset", dataSet);
    row.put("context", recall.get("context").asText().substring(0, 800));
    row.put("input", recall.get("question").asText());
    row.putArray("answers").add(answer);
    return Files.writeString(folder.resolve(dataSet + ".jsonl"), row.toString());
  }

  private void refuses(String dataSet, String answer, String word) throws IOException {
    Path file = row(dataSet, answer);
    assertThatThrownBy(() -> model.read(new QaTask(), file, 1, TaskOptions.DEFAULT))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(dataSet + ".jsonl:1: ")
        .hasMessageContaining(word);
  }

  @Test
  void rowsThatTheirMeasureCannotUseEndBeforeAnythingRuns() throws IOException {
    refuses("trec", "Place", "all_classes: expected the names of all classes");
    refuses("passage_retrieval_en", "7", "expected such as 'Paragraph 7', found '7'");
    refuses("code_debug", "foo", "the text of the right choice and its letter");
    refuses("gsm8k", " ", "not blank");
    refuses("hotpotqa", "\n", "not blank");
  }

  @Test
  void summariesWithoutAWordThatCountsEndBeforeAnythingRuns() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("summaries.jsonl"),
            "{\"article\":\"Hedda wears an apron.\",\"summary_gt\":\"你好\"}");
    assertThatThrownBy(() -> model.read(new SummarizationTask(), file, 1, TaskOptions.DEFAULT))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("summaries.jsonl:1: reference: expected a word of a–z or 0–9");
  }

  @Test
  void codeIsScoredAsItWasWritten() throws Exception {
    TaskOptions few = new TaskOptions(false, OptionalInt.of(6), 42);
    CellOutcome once = model.run(new QaTask(), row("lcc", "x"), 1, few, 0.5).get(0);
    String shown = once.samples().get(0).answer().text().orElseThrow();
    String line = Splitter.on('\n').split(shown).iterator().next();
    // The model's words bring their blank along, which the shown text does not have.
    CellOutcome blank = model.run(new QaTask(), row("lcc", " " + line), 1, few, 0.5).get(0);
    CellOutcome plain = model.run(new QaTask(), row("lcc", line), 1, few, 0.5).get(0);
    String score = ScoreColumn.LONGBENCH_SCORE.id();
    assertThat(mean(blank, score)).isEqualTo(1);
    assertThat(mean(plain, score)).isBetween(0.5, 0.99);
  }

  @Test
  void filesOfInfiniteBenchAreKnownByTheirNames() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("passkey.jsonl"),
            "{\"id\":0,\"context\":\"Hedda wears an apron.\",\"input\":\"What is the key?\","
                + "\"answer\":[\"71432\"],\"options\":[]}");
    CellOutcome cell = model.run(new QaTask(), file, 1, TaskOptions.DEFAULT, 0.5).get(0);
    assertThat(mean(cell, ScoreColumn.INFINITEBENCH_SCORE.id())).isZero();
    assertThat(cell.samples().get(0).answer().tokens()).isEqualTo(6);
  }

  @Test
  void needlesAreHeldAgainstAnswersAsInKvpress() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("needle.jsonl"),
            "{\"context\":\"The sun shone. Hedda wears an apron. The day was long.\","
                + "\"question\":\"What does Hedda wear?\",\"needle\":\"Hedda wears an apron.\","
                + "\"depth\":30}");
    CellOutcome cell =
        model.run(new QaTask(), file, 1, new TaskOptions(false, OptionalInt.of(8), 42), 0.5).get(0);
    assertThat(mean(cell, ScoreColumn.NEEDLE_ROUGE_L.id())).isBetween(0.0, 1.0);
    assertThat(model.read(new QaTask(), file, 1, TaskOptions.DEFAULT).probes().get(0).depth())
        .hasValue(30);
  }

  @Test
  void numbersAreCheckedAsTheHarnessChecksThem() throws Exception {
    Path file = row("gsm8k", "so many\n#### 12");
    CellOutcome cell =
        model.run(new QaTask(), file, 1, new TaskOptions(false, OptionalInt.of(4), 42), 0.5).get(0);
    assertThat(mean(cell, ScoreColumn.GSM8K_STRICT_MATCH.id())).isZero();
    assertThat(mean(cell, ScoreColumn.GSM8K_FLEXIBLE_EXTRACT.id())).isZero();
    assertThat(cell.mean(ScoreColumn.LONGBENCH_SCORE.id())).isEmpty();
  }
}
