package dev.kvpress.compare.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole comparisons on a real cluster on loopback are those of one process. */
class ComparisonOnSparkTest {
  private static final Path DATA = Path.of(System.getProperty("kvpress.root"), "test-data");
  private static final String WORKER = "cli.Main worker";

  @TempDir static Path shared;
  private static TestCluster cluster;
  private static String expected;
  private static int pieces;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    Path plain = shared.resolve("plain");
    List<String> arguments = comparison();
    arguments.addAll(List.of("--output", plain.toString()));
    Comparison.start(shared.resolve("plain.log"), arguments).await(0);
    expected = Comparison.results(plain);
    pieces = Comparison.doneKeys(plain).size();
    cluster = new TestCluster(shared);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static List<String> comparison() {
    return new ArrayList<>(
        List.of(
            "--methods", "h2o", "knorm", "baseline", "--compression-ratio", "0.6",
            "--max-samples", "4"));
  }

  private List<String> onSpark(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("spark", "--master", cluster.master(), "--host-cache", cache().toString()));
    arguments.addAll(comparison());
    arguments.addAll(List.of(more));
    return arguments;
  }

  /** One for all tests, as hosts have one for all runs. */
  private static Path cache() {
    return shared.resolve("hosts");
  }

  private void assertAsPlain(Path output) throws IOException {
    assertThat(Comparison.results(output)).isEqualTo(expected);
    assertThat(Comparison.doneKeys(output)).hasSize(pieces).doesNotHaveDuplicates();
  }

  @Test
  void givesWhatOneProcessGives() throws Exception {
    Path output = folder.resolve("out");
    Comparison run =
        Comparison.start(folder.resolve("log"), onSpark("--output", output.toString()));
    run.await(0);
    assertThat(run.log()).contains("Spark: executor");
    assertAsPlain(output);
  }

  @Test
  void aHostThatIsKilledLosesNothing() throws Exception {
    Path output = folder.resolve("out");
    Comparison run =
        Comparison.start(folder.resolve("log"), onSpark("--output", output.toString()));
    awaitLines(run, output, 1);
    cluster.kill(cluster.newest());
    try {
      run.await(0);
      assertAsPlain(output);
    } finally {
      cluster.addWorker();
    }
  }

  @Test
  void aComparisonThatIsKilledGoesOn() throws Exception {
    Path output = folder.resolve("out");
    Comparison killed =
        Comparison.start(folder.resolve("log"), onSpark("--output", output.toString()));
    awaitLines(killed, output, 1);
    killed.kill();
    TestCluster.await("its workers end", () -> workers() == 0);
    int before = Comparison.doneKeys(output).size();
    Comparison again =
        Comparison.start(folder.resolve("log"), onSpark("--output", output.toString()));
    again.await(0);
    assertThat(again.log()).contains("resumed %d of %d cells".formatted(before, pieces));
    assertAsPlain(output);
  }

  @Test
  void modelDataAndOutputMayLieElsewhere() throws Exception {
    Path output = folder.resolve("out");
    Files.createDirectories(output);
    List<String> arguments =
        onSpark(
            "--conf", "spark.hadoop.fs.viewfs.mounttable.far.link./data=" + DATA.toUri(),
            "--conf", "spark.hadoop.fs.viewfs.mounttable.far.link./out=" + output.toUri(),
            "--model", "viewfs://far/data/models/demo",
            "--data-path",
            "perplexity=viewfs://far/data/datasets/stories.jsonl",
            "recall=viewfs://far/data/datasets/recall.jsonl",
            "--output", "viewfs://far/out/run");
    Comparison run = Comparison.start(folder.resolve("log"), arguments);
    run.await(0);
    assertAsPlain(output.resolve("run"));
    assertThat(output.resolve("run/report.html")).exists();
    assertThat(output.resolve("run/.kvpress-run")).doesNotExist();
    // What is there is known to the next run.
    Comparison again = Comparison.start(folder.resolve("log"), arguments);
    again.await(0);
    assertThat(again.log()).contains("resumed %d of %d cells".formatted(pieces, pieces));
  }

  @Test
  void whatIsWrongWithTheComparisonIsSaidAsWithoutSpark() throws Exception {
    Comparison run =
        Comparison.start(
            folder.resolve("log"), onSpark("--output", folder.toString(), "--budgets", "7"));
    run.await(2);
    assertThat(run.log()).contains("unknown option '--budgets'");
  }

  private static void awaitLines(Comparison run, Path output, int count) throws Exception {
    Path journal = output.resolve("journal.jsonl");
    try {
      TestCluster.await(
          "something is done",
          () -> {
            try {
              return Files.exists(journal) && Files.readAllLines(journal).size() >= count;
            } catch (IOException e) {
              return false;
            }
          });
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + run.log(), e);
    }
  }

  private static int workers() {
    int count = 0;
    for (int worker = 0; worker <= cluster.newest(); worker++) {
      count += cluster.below(worker, WORKER).size();
    }
    return count;
  }
}
