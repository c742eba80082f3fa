package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.ort.Provider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks, sharing of prefills and resuming, on the model of the repository. */
class RecallAndResumeTest {
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root", "."));
  private static final Path RECALL = ROOT.resolve("test-data/datasets/recall.jsonl");
  private static final Path STORIES = ROOT.resolve("test-data/datasets/stories.jsonl");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> TIMES =
      Set.of(
          "prefill_ms",
          "press_ms",
          "second_pass_ms",
          "tpot_ms",
          "tpot_spread_ms",
          "tpot_steps",
          "tpot_left_out");

  @TempDir Path folder;

  private Run compare(String output, String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(
        List.of(
            "--model", ROOT.resolve("test-data/models/demo").toString(),
            "--cache-dir", folder.resolve("cache").toString(),
            "--output", folder.resolve(output).toString()));
    return Run.of(all.toArray(new String[0]));
  }

  private JsonNode cells(String output) throws Exception {
    return JSON.readTree(folder.resolve(output).resolve("results.json").toFile()).get("cells");
  }

  @Test
  void theDataSaysWhatIsAskedAndBothTasksStandInOneTable() throws Exception {
    Run run =
        compare(
            "out",
            "--methods",
            "random",
            "--compression-ratio",
            "0.9",
            "--data-path",
            STORIES.toString(),
            RECALL.toString(),
            "--max-samples",
            "2");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("prefills: 4 instead of 8");
    JsonNode cells = cells("out");
    assertThat(cells.findValuesAsText("task"))
        .containsExactly("perplexity", "perplexity", "recall", "recall");
    assertThat(cells.get(0).get("recall_accuracy").isNull()).isTrue();
    assertThat(cells.get(2).get("perplexity").isNull()).isTrue();
    assertThat(cells.get(2).get("recall_count").asInt()).isEqualTo(2);
    // The first two questions are of the kinds which the model answers from its whole cache.
    assertThat(cells.get(2).get("recall_accuracy").asDouble()).isEqualTo(1);
    assertThat(cells.get(3).get("recall_accuracy").asDouble()).isLessThan(1);
    assertThat(cells.get(3).get("achieved_ratio").asDouble()).isGreaterThan(0.89);
    JsonNode sample = JSON.readTree(Files.readAllLines(folder.resolve("out/samples.jsonl")).get(4));
    assertThat(sample.get("question").asText()).endsWith(question(0));
    assertThat(sample.has("context")).isFalse();
    assertThat(sample.get("answer").asText()).isEqualTo(sample.at("/expected/0").asText());
    assertThat(Files.readAllLines(folder.resolve("out/maps.jsonl"))).hasSize(4);
    assertThat(Files.readAllLines(folder.resolve("out/texts.jsonl"))).hasSize(4);
  }

  @Test
  void aQuestionThatIsKnownWhileCompressingHelps() throws Exception {
    String[] ask = {
      "--methods",
      "snapkv(window_size=16)",
      "--compression-ratio",
      "0.9",
      "--data-path",
      RECALL.toString(),
      "--max-samples",
      "8"
    };
    Run blind = compare("blind", ask);
    List<String> aware = new ArrayList<>(Arrays.asList(ask));
    aware.add("--query-aware");
    Run knowing = compare("aware", aware.toArray(new String[0]));

    assertThat(blind.code()).as(blind.err()).isZero();
    assertThat(knowing.code()).as(knowing.err()).isZero();
    assertThat(cells("aware").get(0).get("recall_accuracy"))
        .isEqualTo(cells("blind").get(0).get("recall_accuracy"));
    assertThat(cells("aware").get(1).get("recall_accuracy").asDouble())
        .isGreaterThan(cells("blind").get(1).get("recall_accuracy").asDouble());
  }

  @Test
  void theSameCommandGoesOnWhereItStoppedAndEndsWithTheSameReport() throws Exception {
    String[] all = {
      "--methods",
      "knorm,snapkv",
      "--compression-ratio",
      "0.5",
      "--data-path",
      STORIES.toString(),
      RECALL.toString(),
      "--max-samples",
      "2"
    };
    Run whole = compare("whole", all);
    assertThat(whole.code()).as(whole.err()).isZero();
    Path journal = folder.resolve("whole/journal.jsonl");
    List<String> lines = Files.readAllLines(journal);
    assertThat(lines).hasSize(12);
    Files.createDirectories(folder.resolve("again"));
    // Five whole lines and half of the sixth: what a crash leaves.
    Files.writeString(
        folder.resolve("again/journal.jsonl"),
        String.join("\n", lines.subList(0, 5)) + "\n" + lines.get(5).substring(0, 40));

    Run again = compare("again", all);

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err()).contains("resumed 5 of 12 cells");
    assertThat(withoutTimes(cells("again"))).isEqualTo(withoutTimes(cells("whole")));
    for (String file : List.of("samples.jsonl", "maps.jsonl", "texts.jsonl")) {
      assertThat(folder.resolve("again").resolve(file))
          .hasSameTextualContentAs(folder.resolve("whole").resolve(file));
    }
    assertThat(Files.readAllLines(folder.resolve("again/journal.jsonl"))).hasSize(12);
    Run third = compare("again", all);
    assertThat(third.err()).contains("resumed 12 of 12 cells");
    List<String> fresh = new ArrayList<>(Arrays.asList(all));
    fresh.add("--fresh");
    assertThat(compare("again", fresh.toArray(new String[0])).err()).doesNotContain("resumed");
  }

  /** The same questions in another shape. */
  private Path asQuestions() throws Exception {
    ObjectNode row = (ObjectNode) JSON.readTree(Files.readAllLines(RECALL).get(0));
    row.putArray("answers").add(row.remove("answer").asText());
    return Files.writeString(folder.resolve("asked.jsonl"), row.toString());
  }

  @Test
  void otherWorkIsNotTakenForTheSame() throws Exception {
    String[] first = {
      "--methods",
      "knorm",
      "--compression-ratio",
      "0.5",
      "--data-path",
      RECALL.toString(),
      "--max-samples",
      "1"
    };
    assertThat(compare("out", first).code()).isZero();
    List<String> aware = new ArrayList<>(Arrays.asList(first));
    aware.add("--query-aware");
    assertThat(compare("out", aware.toArray(new String[0])).err())
        .doesNotContain("resumed")
        .contains(
            "2 of 2 cells were done by an earlier run into this folder, but not with the same");
    List<String> shaped = new ArrayList<>(Arrays.asList(first));
    shaped.set(shaped.indexOf("--data-path") + 1, "questions=" + asQuestions());
    assertThat(compare("out", shaped.toArray(new String[0])).err()).doesNotContain("resumed");
    List<String> seeded = new ArrayList<>(Arrays.asList(first));
    seeded.set(3, "0.6");
    assertThat(compare("out", seeded.toArray(new String[0])).err()).contains("resumed 1 of 2");
  }

  /** The last bits of a figure are those of the engine's threads, whoever chose their number. */
  @Test
  void workOfAsManyThreadsIsGoneOnWithAndOfOthersNot() throws Exception {
    String[] own = {
      "--methods", "baseline", "--data-path", RECALL.toString(), "--max-samples", "1",
    };
    int cores = new DecoderOptions(Provider.CPU, 0, 0, folder).usedThreads();
    assertThat(compare("out", own).code()).isZero();
    List<String> same = new ArrayList<>(Arrays.asList(own));
    same.addAll(List.of("--threads", String.valueOf(cores)));
    assertThat(compare("out", same.toArray(new String[0])).err())
        .contains("resumed 1 of 1 cells")
        .doesNotContain("since the earlier run");
    assertThat(folder.resolve("out/results.json")).exists();
    List<String> longer = new ArrayList<>(Arrays.asList(own));
    longer.addAll(List.of("--max-samples", "5", "--fork-budget", "1"));
    Run refused = compare("out", longer.toArray(new String[0]));
    assertThat(refused.code()).isEqualTo(2);
    assertThat(folder.resolve("out/results.json")).as("nothing was begun").exists();
    List<String> other = new ArrayList<>(Arrays.asList(own));
    other.addAll(List.of("--threads", String.valueOf(cores + 1)));
    assertThat(compare("out", other.toArray(new String[0])).err())
        .doesNotContain("resumed")
        .contains(
            "since the earlier run into %s: setting: threads was %d, is %d"
                .formatted(folder.resolve("out"), cores, cores + 1),
            "results and report of the earlier run in",
            "1 of 1 cells were done by an earlier run");
  }

  @Test
  void aTaskWithoutFittingDataIsRefused() {
    Run run =
        compare(
            "out", "--methods", "baseline", "--tasks", "recall", "--data-path", STORIES.toString());

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors()).hasSize(1);
    assertThat(run.err())
        .contains("stories.jsonl: fits no data shape for task recall", "misses context");
  }

  @Test
  void severalThresholdsAreCompared() throws Exception {
    Run run =
        compare(
            "out",
            "--methods",
            "dms(knorm)",
            "knorm",
            "dms(random,threshold=0.5)",
            "--threshold",
            "-9",
            "-5",
            "--compression-ratio",
            "0.5",
            "--data-path",
            RECALL.toString(),
            "--max-samples",
            "1");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(cells("out").findValuesAsText("method"))
        .hasSize(5)
        .contains("knorm", "dms(random,threshold=0.5)")
        .anyMatch(m -> m.startsWith("dms(knorm") && m.contains("threshold=-9"))
        .anyMatch(m -> m.startsWith("dms(knorm") && m.contains("threshold=-5"));
  }

  @Test
  void aMissedThresholdEndsWithCodeFour() throws Exception {
    String[] command = {
      "--methods", "random", "--compression-ratio", "0.9",
      "--data-path", RECALL.toString(), "--max-samples", "2",
      "--fail-if", "recall_accuracy_delta<-0.4"
    };
    Run missed = compare("out", command);
    assertThat(missed.code()).as(missed.err()).isEqualTo(4);
    assertThat(missed.err()).contains("--fail-if recall_accuracy_delta<-0.4", "random at 0.9");
    command[command.length - 1] = "recall_accuracy_delta<-2";
    assertThat(compare("out", command).code()).isZero();
  }

  private static String question(int line) throws Exception {
    return JSON.readTree(Files.readAllLines(RECALL).get(line)).get("question").asText();
  }

  @Test
  void contextsAreWrittenDownWhenAskedFor() throws Exception {
    Run run =
        compare(
            "out",
            "--methods",
            "baseline",
            "--data-path",
            RECALL.toString(),
            "--max-samples",
            "1",
            "--log-samples");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode sample = JSON.readTree(Files.readAllLines(folder.resolve("out/samples.jsonl")).get(0));
    assertThat(sample.get("context").asText())
        .isEqualTo(JSON.readTree(Files.readAllLines(RECALL).get(0)).get("context").asText());
  }

  @Test
  void cachesStayWithinTheBudgetOrNothingRuns() throws Exception {
    String[] command = {
      "--methods",
      "knorm",
      "random",
      "--compression-ratio",
      "0.3",
      "0.6",
      "--data-path",
      RECALL.toString(),
      "--max-samples",
      "1",
      "--fork-budget",
      "1m"
    };
    Run refused = compare("out", command);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.errors()).hasSize(3);
    assertThat(refused.err()).contains("--fork-budget: expected at least the", "1,048,576");
    command[command.length - 1] = "64MiB";
    assertThat(compare("out", command).code()).isZero();
    command[command.length - 1] = "much";
    assertThat(compare("out", command).err()).contains("expected a number of bytes", "'much'");
  }

  @Test
  void aDryRunCountsAndWritesNothing() {
    Run run =
        compare(
            "out",
            "--methods",
            "knorm",
            "snapkv",
            "--compression-ratio",
            "0.3",
            "0.5",
            "--data-path",
            STORIES.toString(),
            RECALL.toString(),
            "--max-samples",
            "3",
            "--dry-run");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("work: 30 (5 cells on 6 samples)", "prefills: 6 instead of 30", "MiB at once");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private static JsonNode withoutTimes(JsonNode cells) {
    cells.forEach(cell -> ((ObjectNode) cell).remove(TIMES));
    return cells;
  }
}
