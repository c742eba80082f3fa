package dev.kvpress.compare.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
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
            "--methods",
            "h2o",
            "knorm",
            "baseline",
            "--compression-ratio",
            "0.6",
            "--max-samples",
            "4"));
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

  private Comparison start(Path output) throws IOException {
    return Comparison.start(folder.resolve("log"), onSpark("--output", output.toString()));
  }

  private void assertAsPlain(Path output) throws IOException {
    assertThat(Comparison.results(output)).isEqualTo(expected);
    assertThat(Comparison.doneKeys(output)).hasSize(pieces).doesNotHaveDuplicates();
  }

  @Test
  void givesWhatOneProcessGives() throws Exception {
    Path output = folder.resolve("out");
    Comparison run = start(output);
    run.await(0);
    assertThat(run.log()).contains("Spark: executor");
    assertAsPlain(output);
  }

  @Test
  void aHostThatIsKilledLosesNothing() throws Exception {
    Path output = folder.resolve("out");
    Comparison run = start(output);
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
    Comparison killed = start(output);
    awaitLines(killed, output, 1);
    killed.kill();
    TestCluster.await("its workers end", () -> workers() == 0);
    int before = Comparison.doneKeys(output).size();
    Comparison again = start(output);
    again.await(0);
    assertThat(again.log()).contains("resumed %d of %d cells".formatted(before, pieces));
    assertAsPlain(output);
  }

  @Test
  void aComparisonThatIsInterruptedGoesOn() throws Exception {
    Path output = folder.resolve("out");
    Comparison interrupted = start(output);
    awaitLines(interrupted, output, 1);
    interrupted.interrupt();
    interrupted.await(1);
    assertThat(interrupted.log()).contains("the same command goes on from there");
    TestCluster.await("its workers end", () -> workers() == 0);
    Comparison again = start(output);
    again.await(0);
    assertAsPlain(output);
  }

  @Test
  void modelDataAndOutputMayLieElsewhere() throws Exception {
    Path output = folder.resolve("out");
    Files.createDirectories(output);
    List<String> arguments =
        onSpark(
            "--conf",
            "spark.hadoop.fs.viewfs.mounttable.far.link./data=" + DATA.toUri(),
            "--conf",
            "spark.hadoop.fs.viewfs.mounttable.far.link./out=" + output.toUri(),
            "--model",
            "viewfs://far/data/models/demo",
            "--data-path",
            "perplexity=viewfs://far/data/datasets/stories.jsonl",
            "recall=viewfs://far/data/datasets/recall.jsonl",
            "--output",
            "viewfs://far/out/run");
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
    TestCluster.await(
        "something is done", () -> !run.process().isAlive() || lines(journal) >= count);
    assertThat(lines(journal)).as(run.log()).isGreaterThanOrEqualTo(count);
  }

  private static int lines(Path file) {
    try {
      return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int workers() {
    return cluster.below(WORKER).size();
  }

  /**
   * Twenty kills at random, of workers, executors, hosts, bridges and comparisons: nothing is lost
   * and nothing doubled.
   */
  @Test
  @Tag("stress")
  void staysTheSameWhateverIsKilled() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int kills = 0;
    for (int round = 0; kills < 20; round++) {
      Path output = folder.resolve("out" + round);
      // Contexts are not given up here, however often they are hit.
      List<String> arguments =
          onSpark("--conf", "spark.task.maxFailures=99", "--output", output.toString());
      Comparison run = Comparison.start(folder.resolve("log"), arguments);
      while (true) {
        Thread.sleep(500 + random.nextInt(3000));
        if (!run.process().isAlive()) {
          if (run.process().exitValue() == 0) {
            break;
          }
          // A bridge that was killed before anything was finished ends the comparison too.
          run = Comparison.start(folder.resolve("log"), arguments);
        } else if (kills < 20 && kill(run, random.nextInt(5))) {
          kills++;
        }
      }
      assertAsPlain(output);
    }
  }

  private static boolean kill(Comparison run, int kind) throws Exception {
    List<ProcessHandle> found;
    switch (kind) {
      case 0 -> found = cluster.below(WORKER);
      case 1 -> found = cluster.below("CoarseGrainedExecutorBackend");
      case 2 ->
          found =
              run.process()
                  .descendants()
                  .filter(one -> TestCluster.commandLine(one).contains("SparkBridge"))
                  .toList();
      case 3 -> {
        run.kill();
        return true;
      }
      default -> {
        cluster.kill(cluster.newest());
        cluster.addWorker();
        return true;
      }
    }
    if (found.isEmpty()) {
      return false;
    }
    return found.get(0).destroyForcibly();
  }
}
