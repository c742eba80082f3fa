package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.testdata.Shared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Data files made after reports of people whose files other tools took for something else. */
class DataTrialsTest {
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
    JsonNode cell =
        new ObjectMapper()
            .readTree(folder.resolve("out/results.json").toFile())
            .get("cells")
            .get(0);
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
    JsonNode data =
        new ObjectMapper().readTree(folder.resolve("out/run.json").toFile()).at("/data/0");
    assertThat(data.get("shape").asText()).isNotEmpty();
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
    Run columns = baseline(demo, "--data-path", path, "--split", "test", "--columns", "body");
    assertThat(columns.err()).contains("--columns: expected NAME=COLUMN");
  }
}
