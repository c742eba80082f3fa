package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.ZstdOutputStream;
import dev.kvpress.testdata.Shared;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Data files made after reports of people whose files other tools took for something else. */
class DataTrialsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private Path trial(String name) {
    Optional<Path> found = Shared.find("trials/" + name);
    assumeTrue(found.isPresent(), "the shared trials are absent");
    return found.get();
  }

  private Run baseline(Path model, String... data) {
    List<String> all = new ArrayList<>(List.of("--methods", "baseline"));
    all.addAll(List.of(data));
    all.addAll(
        List.of(
            "--model", model.toString(),
            "--cache-dir", folder.resolve("cache").toString(),
            "--output", folder.resolve("out").toString()));
    return Run.of(all.toArray(new String[0]));
  }

  private double figure(String name) throws Exception {
    JsonNode cell = JSON.readTree(folder.resolve("out/results.json").toFile()).get("cells").get(0);
    return cell.at("/metrics/" + name + "/value").asDouble(Double.NaN);
  }

  @ParameterizedTest
  @CsvSource({
    "continuation-without-blank, logged.jsonl, acc, 1.0",
    "continuation-without-blank, logged.jsonl, choice_nll, 0.1054",
    "continuation-without-blank, requests.jsonl, acc, 1.0",
    "continuation-without-blank, requests.jsonl, choice_nll, 0.1054",
    "numeric-choices, logged.jsonl, acc, 1.0",
    "numeric-choices, logged.jsonl, choice_nll, 0.1054",
    "copa-columns, copa.jsonl, acc, 1.0",
    "report-columns, reports.jsonl, perplexity, 1.1111",
    "infinitebench-columns, infinitebench.jsonl, string_match, 1.0",
  })
  void theFileSaysWhatItIsAndHasItsFigure(String trial, String file, String metric, double right)
      throws Exception {
    Path place = trial(trial);
    Run run = baseline(place.resolve("model"), "--data-path", place.resolve(file).toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(figure(metric)).isCloseTo(right, within(1e-4));
    assertThat(run.err()).contains(file + " is ");
    JsonNode data = JSON.readTree(folder.resolve("out/run.json").toFile()).at("/data/0");
    assertThat(data.get("shape").asText()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"reports.csv", "reports.json", "reports.tsv.gz", "reports.jsonl.zst"})
  void theFigureIsTheSameInEveryContainer(String name) throws Exception {
    Path place = trial("report-columns");
    List<String> lines = Files.readAllLines(place.resolve("reports.jsonl"));
    List<List<String>> cells = new ArrayList<>(List.of(List.of("id", "report", "summary")));
    for (String line : lines) {
      JsonNode row = JSON.readTree(line);
      cells.add(
          List.of(row.get("id").asText(), row.get("report").asText(), row.get("summary").asText()));
    }
    String separator = name.contains(".tsv") ? "\t" : ",";
    String table =
        cells.stream().map(row -> String.join(separator, row)).collect(Collectors.joining("\r\n"));
    String content =
        name.endsWith(".json")
            ? lines.toString()
            : name.contains(".jsonl") ? String.join("\n", lines) : table;
    Path file = folder.resolve(name);
    try (OutputStream raw = Files.newOutputStream(file);
        OutputStream out =
            name.endsWith(".gz")
                ? new GZIPOutputStream(raw)
                : name.endsWith(".zst") ? new ZstdOutputStream(raw) : raw) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    Run run = baseline(place.resolve("model"), "--data-path", file.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(figure("perplexity")).isCloseTo(1.1111, within(1e-4));
  }

  @Test
  void aQuestionIsWrittenAsKvpressWritesIt() throws Exception {
    Path place = trial("question-prompt");
    Run run =
        baseline(
            place.resolve("model"),
            "--data-path",
            "qa=" + place.resolve("qa.jsonl"),
            "--max-new-tokens",
            "1");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(figure("exact_match")).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "copa-columns, copa.jsonl, perplexity",
    "infinitebench-columns, infinitebench.jsonl, summarization",
    "report-columns, reports.jsonl, qa",
    "numeric-choices, logged.jsonl, perplexity",
  })
  void anotherTaskIsRefusedWithColumnsAndWayOut(String trial, String file, String task) {
    Path place = trial(trial);
    Run run =
        baseline(
            place.resolve("model"), "--data-path", task + "=" + place.resolve(file).toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors()).hasSize(1);
    assertThat(run.err()).contains(file, "its columns are", "--columns", "--text-column");
    assertThat(folder.resolve("out/results.json")).doesNotExist();
  }

  @Test
  void mathematicsOfSchoolsIsReadAsItself() {
    Optional<Path> file = Shared.find("text/gsm8k-test.jsonl");
    assumeTrue(file.isPresent(), "shared texts are absent");
    Run run =
        baseline(
            AtHome.ROOT.resolve("test-data/models/demo"),
            "--data-path",
            file.get().toString(),
            "--max-samples",
            "1",
            "--max-new-tokens",
            "2",
            "--dry-run");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("gsm8k-test.jsonl is gsm8k: task qa");
  }

  @Test
  void columnsAndSplitsAreChosenOnTheCommandLine() throws Exception {
    Path set = Files.createDirectories(folder.resolve("set/data"));
    Files.writeString(
        set.resolve("test-00000-of-00001.jsonl"),
        "{\"body\": \"%s\", \"head\": \"h\"}".formatted("Ida saw the wool flute. ".repeat(20)));
    Files.writeString(set.resolve("train-00000-of-00001.jsonl"), "{}");
    Path demo = AtHome.ROOT.resolve("test-data/models/demo");
    String path = folder.resolve("set").toString();
    Run guessed = baseline(demo, "--data-path", path, "--split", "test");
    assertThat(guessed.code()).isEqualTo(2);
    assertThat(guessed.err()).contains("body (text), head (text)");
    Run run =
        baseline(
            demo, "--data-path", path, "--split", "test", "--text-column", "body", "--dry-run");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("is text (text=body): task perplexity", "does not use");
    Run unserved =
        baseline(
            demo, "--tasks", "recall", "--data-path", "text=" + set.resolve("x.txt"), "--dry-run");
    assertThat(unserved.code()).isEqualTo(2);
    Path text = Files.writeString(folder.resolve("x.txt"), "Ida saw the flute.");
    Run other = baseline(demo, "--tasks", "recall", "--data-path", "text=" + text, "--dry-run");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("task recall fits none of the files");
    Run columns = baseline(demo, "--data-path", path, "--split", "test", "--columns", "body");
    assertThat(columns.err()).contains("--columns: expected NAME=COLUMN");
  }
}
