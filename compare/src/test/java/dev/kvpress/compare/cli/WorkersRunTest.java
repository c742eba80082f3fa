package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Comparisons in worker processes give what one process gives. */
class WorkersRunTest extends AtHome {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CORES = Runtime.getRuntime().availableProcessors();

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

  private static String[] with(String[] arguments, String... more) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(Arrays.asList(more));
    return all.toArray(new String[0]);
  }

  private static String data(String name) {
    return ROOT.resolve("test-data/datasets").resolve(name).toString();
  }

  private void assertSame(String one, String other) throws Exception {
    RunFiles.assertSame(folder.resolve(one), folder.resolve(other));
    assertThat(logits(other)).isEqualTo(logits(one));
  }

  private Map<String, Long> logits(String output) throws Exception {
    return RunFiles.logits(folder.resolve(output));
  }

  @Tag("long")
  @Test
  void perplexityAndQuestionsAndLatencyAreTheSameByTwoWorkers() throws Exception {
    String[] asked = {
      "--methods",
      "snapkv",
      "random",
      "--compression-ratio",
      "0.5",
      "--data-path",
      data("stories.jsonl"),
      data("questions.jsonl"),
      "--tasks",
      "perplexity",
      "qa",
      "latency",
      "--max-samples",
      "2"
    };
    Run plain = compare("plain", asked);
    Run both = compare("workers", with(asked, "--workers", Integer.toString(Math.min(2, CORES))));

    assertThat(plain.code()).as(plain.err()).isZero();
    assertThat(both.code()).as(both.err()).isZero();
    assertSame("plain", "workers");
    assertThat(both.err()).contains("worker 1: ", " pieces, ");
    JsonNode machine = JSON.readTree(folder.resolve("workers/run.json").toFile()).get("machine");
    int workers = machine.get("workers").asInt();
    assertThat(workers * machine.get("threads_per_worker").asInt()).isBetween(workers, CORES);
    assertThat(
            JSON.readTree(folder.resolve("plain/run.json").toFile()).get("machine").has("workers"))
        .isFalse();
  }

  @Test
  @Tag("long")
  void theEngineDealsOperatorsOutAsOneProcessWouldWhateverThreadsAWorkerHas() throws Exception {
    // Its last bits depend on the size of its pool: the key projection of this model has 96
    // columns.
    String[] asked = {
      "--methods",
      "knorm",
      "--compression-ratio",
      "0.5",
      "--data-path",
      data("stories.jsonl"),
      "--max-samples",
      "2",
      "--threads"
    };
    assertThat(compare("one", with(asked, "1")).code()).isZero();
    assertThat(compare("one-w", with(asked, "1", "--workers", "1")).code()).isZero();
    assertSame("one", "one-w");
    if (CORES > 1) {
      assertThat(compare("two", with(asked, "2")).code()).isZero();
      assertThat(compare("two-w", with(asked, "2", "--workers", "1")).code()).isZero();
      assertSame("two", "two-w");
      assertThat(logits("two").values()).doesNotContainAnyElementsOf(logits("one").values());
    }
  }

  @Test
  @Tag("long")
  void aPlainRunGoesOnWhereWorkersStoppedAndTheOtherWayRound() throws Exception {
    String[] asked = {
      "--methods",
      "snapkv",
      "--compression-ratio",
      "0.5",
      "--data-path",
      data("recall.jsonl"),
      "--max-samples",
      "4"
    };
    assertThat(compare("plain", asked).code()).isZero();
    Path journal = folder.resolve("plain/journal.jsonl");
    List<String> lines = Files.readAllLines(journal);
    for (String kind : List.of("plain", "workers")) {
      Path half = Files.createDirectories(folder.resolve("half-" + kind)).resolve("journal.jsonl");
      Files.write(half, lines.subList(0, 3));
      Run rest =
          compare("half-" + kind, kind.equals("plain") ? asked : with(asked, "--workers", "1"));
      assertThat(rest.code()).as(rest.err()).isZero();
      assertThat(rest.err()).contains("resumed 3 of 8 cells");
      assertSame("plain", "half-" + kind);
    }
    // What workers have written is taken for the same by both.
    assertThat(compare("half-workers", asked).err()).contains("resumed 8 of 8 cells");
    assertThat(compare("half-plain", with(asked, "--workers", "1")).err())
        .contains("resumed 8 of 8 cells")
        .doesNotContain("worker 1:");
  }

  private Path texts() throws Exception {
    return BreakingPress.texts(folder, Path.of(data("stories.jsonl")));
  }

  @Test
  void aCellThatFailsFailsWithTheSameWordsWhoeverDidWhat() throws Exception {
    String[] asked = {
      "--press-jar",
      BreakingPress.in(folder).toString(),
      "--methods",
      "knorm",
      "breaking",
      "--compression-ratio",
      "0.5",
      "--data-path",
      texts().toString()
    };
    Run plain = compare("plain", asked);
    Run both = compare("workers", with(asked, "--workers", Integer.toString(Math.min(2, CORES))));

    assertThat(plain.code()).as(plain.err()).isEqualTo(3);
    assertThat(both.code()).as(both.err()).isEqualTo(3);
    RunFiles.assertSame(folder.resolve("plain"), folder.resolve("workers"));
    assertThat(RunFiles.results(folder.resolve("workers")).toString()).contains("broken by");
  }

  @Test
  @Tag("long")
  void aContextThatKillsWorkersIsAnErrorOfItsCellAndTheOthersGoOn() throws Exception {
    String[] asked = {
      "--press-jar",
      BreakingPress.killingIn(folder).toString(),
      "--methods",
      "breaking",
      "knorm",
      "--compression-ratio",
      "0.5",
      "--data-path",
      texts().toString(),
      "--workers",
      "1"
    };
    Run run = compare("out", asked);

    assertThat(run.code()).as(run.err()).isEqualTo(3);
    assertThat(run.err()).contains("worker 1 ended (killed by signal 9", "started again");
    JsonNode cells = RunFiles.results(folder.resolve("out")).get("cells");
    for (JsonNode cell : cells) {
      if (cell.get("method").asText().equals("breaking")) {
        assertThat(cell.get("error").asText())
            .startsWith("sample 1: worker 1 ended (killed by signal 9")
            .contains("second try");
      } else {
        assertThat(cell.get("error").isNull()).as(cell.get("error").asText()).isTrue();
        assertThat(cell.get("samples").asInt()).isEqualTo(5);
      }
    }
    assertThat(cells).hasSize(3);
  }

  @Test
  void moreThanThereAreCoresIsRefused() {
    String[] asked = {"--methods", "knorm", "--compression-ratio", "0.5"};
    String many = Integer.toString(CORES + 1);
    assertThat(compare("out", with(asked, "--workers", many)).errors())
        .singleElement()
        .asString()
        .contains("--workers: expected at most " + CORES, "found " + many);
    Run threads = compare("out", with(asked, "--workers", "1", "--threads", many));
    assertThat(threads.code()).isEqualTo(2);
    assertThat(threads.err())
        .contains("--threads: expected at most " + CORES, "found " + many, "leave it out");
    assertThat(compare("out", with(asked, "--workers", "0")).err())
        .contains("--workers: expected a whole number of at least 1, found '0'");
    assertThat(compare("out", with(asked, "--workers", "1", "--provider", "cuda")).err())
        .contains("--workers: expected the provider cpu", "--num-gpus -1");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void gpusThatAreNotThereAreNamed() {
    String[] asked = {"--methods", "knorm", "--compression-ratio", "0.5"};
    for (String option : List.of("--num-gpus", "--num_gpus")) {
      Run run = compare("out", with(asked, option, "-1"));
      if (run.code() == 2) {
        assertThat(run.err()).contains("--num-gpus: expected a GPU, found none: ", "--workers");
      }
    }
    assertThat(compare("out", with(asked, "--num-gpus", "0")).err())
        .contains("--num-gpus: expected a whole number of at least 1, or -1 for all, found '0'");
    assertThat(compare("out", with(asked, "--num-gpus", "-1", "--workers", "1")).err())
        .contains("--workers and --num-gpus: expected one of them");
  }

  @Test
  void workersCountForTheMemoryOfCaches() {
    String[] asked = {
      "--methods",
      "knorm",
      "--compression-ratio",
      "0.5",
      "--data-path",
      data("recall.jsonl"),
      "--max-samples",
      "1",
      "--fork-budget",
      "1m",
      "--workers",
      "1"
    };
    assertThat(compare("out", asked).err()).contains("--fork-budget: expected at least the");
    if (CORES > 1) {
      asked[asked.length - 1] = "2";
      assertThat(compare("out", asked).err()).contains("in each of 2 workers, found 1,048,576");
    }
  }

  @Test
  void theCommandOfWorkersStandsInNoHelp() {
    assertThat(Run.of("--help").out()).doesNotContain("worker  ").contains("--workers");
  }
}
