package dev.kvpress.compare.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Lines through a real cluster on loopback to workers that are stand-ins. */
class SparkBridgeTest {
  private static final Pattern CONTEXT = Pattern.compile("\"context\":(\\d+)");

  @TempDir static Path shared;
  private static TestCluster cluster;

  @TempDir Path folder;

  @BeforeAll
  static void start() throws Exception {
    cluster = new TestCluster(shared);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  /** One application for all tests of it: starting one takes seconds. */
  @Nested
  @TestInstance(Lifecycle.PER_CLASS)
  class WithUsualSettings {
    private BridgeProcess bridge;
    private int next;

    @BeforeAll
    void start() throws Exception {
      bridge =
          new BridgeProcess(
              cluster.master(), Files.createTempDirectory(shared, "usual"), List.of());
      bridge.open("--model", "here");
      bridge.await("ready", 1);
    }

    @AfterAll
    void stop() throws Exception {
      bridge.send("end {}");
      assertThat(bridge.process().waitFor()).isZero();
      bridge.close();
      assertThat(bridge.lines("done")).doesNotHaveDuplicates();
      assertThat(bridge.lines("lost")).isEmpty();
      assertThat(bridge.lines("fault")).isEmpty();
    }

    /** Hands over contexts with two keys each; returns the number behind the last. */
    private int run(int count, String first) throws Exception {
      for (int i = 0; i < count; i++) {
        bridge.run(next, first, "k" + next);
        next++;
      }
      return next;
    }

    @Test
    void everyContextComesBackOnce() throws Exception {
      assertDone(bridge, run(20, "a"));
    }

    @Test
    void aWorkerIsOpenedAsTheComparisonSaysWithTheCoresOfItsExecutor() {
      assertThat(bridge.lines("ready").get(0))
          .contains("\"arguments\":[\"--model\",\"here\"]", "\"directory\":\"/\"", "\"threads\":1");
    }

    @Test
    void aHostThatIsKilledLosesNothing() throws Exception {
      int before = bridge.lines("finished").size();
      int all = run(16, "sleep 300");
      bridge.await("finished", before + 3);
      cluster.kill(cluster.newest());
      try {
        assertDone(bridge, all);
        assertThat(bridge.lines("note")).anyMatch(line -> line.contains("is gone"));
      } finally {
        cluster.addWorker();
      }
    }

    @Test
    void aWorkerThatIsKilledIsStartedAgain() throws Exception {
      int before = bridge.lines("finished").size();
      int all = run(12, "sleep 300");
      bridge.await("finished", before + 2);
      standIns().get(0).destroyForcibly();
      assertDone(bridge, all);
    }

    @Test
    void aTaskThatFailsTwiceIsDoneOnce() throws Exception {
      Path deaths = folder.resolve("deaths");
      int all = run(1, "die 2 " + deaths) + 4;
      run(4, "a");
      assertDone(bridge, all);
      assertThat(deaths.resolve("1")).exists();
    }
  }

  @Test
  void contextsThatAlwaysKillAreGivenUpAndTheOthersAreNot() throws Exception {
    try (BridgeProcess bridge = open("spark.task.maxFailures=2")) {
      for (int i = 0; i < 6; i++) {
        String first =
            switch (i) {
              case 3 -> "die 99 " + folder.resolve("workers");
              case 4 -> "halt-parent 99 " + folder.resolve("executors");
              default -> "a";
            };
        bridge.run(i, first, "k" + i);
      }
      bridge.await("lost", 2);
      bridge.await("finished", 4);
      assertThat(contexts(bridge.lines("lost"))).containsExactly(3, 4);
      assertThat(bridge.lines("lost"))
          .anyMatch(
              line ->
                  line.contains("after 2 tries")
                      && line.contains("exit code 77")
                      && line.contains("the stand-in dies"))
          .anyMatch(line -> line.contains("executor") && line.contains("exited"));
      assertThat(contexts(bridge.lines("finished"))).containsExactly(0, 1, 2, 5);
      assertThat(bridge.lines("done")).doesNotHaveDuplicates();
    }
  }

  @Test
  void ofASpeculativeTaskOneResultCounts() throws Exception {
    try (BridgeProcess bridge =
        open(
            "spark.speculation=true",
            "spark.speculation.interval=100ms",
            "spark.speculation.quantile=0.5",
            "spark.speculation.multiplier=1.5",
            "spark.speculation.minTaskRuntime=200ms")) {
      TestCluster.await("both hosts are there", () -> executors(bridge) == 2);
      for (int i = 0; i < 8; i++) {
        // Far longer than the test may take: only a second try brings it to its end.
        bridge.run(i, i == 0 ? "slow-once 600000 " + folder.resolve("slow") : "a", "k" + i);
      }
      assertDone(bridge, 8);
      // The executor whose task was ended works again.
      for (int i = 8; i < 14; i++) {
        bridge.run(i, "sleep 200", "k" + i);
      }
      assertDone(bridge, 14);
    }
  }

  private static int executors(BridgeProcess bridge) {
    return (int)
        bridge.lines("note").stream()
            .filter(line -> line.contains("Spark: executor") && line.contains(" with "))
            .count();
  }

  @Test
  void nothingRunsOnWithoutTheComparison() throws Exception {
    BridgeProcess bridge = open();
    bridge.run(0, "sleep 600000");
    bridge.run(1, "sleep 600000");
    TestCluster.await("an executor works", () -> !standIns().isEmpty());
    bridge.close();
    assertThat(bridge.process().exitValue()).isZero();
    TestCluster.await("its worker ends", () -> standIns().isEmpty());
  }

  @Test
  void endsWhenToldWhateverItWaitsFor() throws Exception {
    // More than any worker has.
    try (BridgeProcess bridge = start("spark.executor.cores=99")) {
      bridge.open();
      bridge.await("note", 1);
      assertThat(bridge.lines("note").get(0)).contains("no executor yet", "99");
      bridge.send("end {}");
      assertThat(bridge.process().waitFor()).isZero();
      assertThat(bridge.lines("fault")).isEmpty();
    }
  }

  @Test
  void nothingRunsOnWithoutTheBridge() throws Exception {
    BridgeProcess bridge = open();
    bridge.run(0, "sleep 600000");
    TestCluster.await("an executor works", () -> !standIns().isEmpty());
    bridge.process().destroyForcibly().waitFor();
    TestCluster.await("its worker ends", () -> standIns().isEmpty());
  }

  @Test
  void aWorkerThatDoesNotStartIsAFaultWithItsReason() throws Exception {
    try (BridgeProcess bridge = start("spark.task.maxFailures=1")) {
      bridge.open("refuse");
      bridge.await("fault", 1);
      assertThat(bridge.lines("fault"))
          .singleElement()
          .asString()
          .contains("executor", " on 127.0.0.", "exit code 2", "told to refuse");
    }
  }

  @Test
  void coresOfATaskAreThoseOfItsExecutor() throws Exception {
    try (BridgeProcess bridge = start("spark.executor.cores=2", "spark.task.cpus=1")) {
      bridge.await("fault", 1);
      assertThat(bridge.lines("fault").get(0))
          .contains("--conf spark.task.cpus=1", "expected 2 as spark.executor.cores says");
    }
  }

  @Test
  void aMasterThatIsNotThereIsSaidAtOnce() throws Exception {
    try (BridgeProcess bridge = new BridgeProcess("spark://127.0.0.1:1", folder, List.of())) {
      bridge.await("fault", 1);
      assertThat(bridge.lines("fault").get(0)).contains("--master", "spark://127.0.0.1:1");
      assertThat(bridge.process().waitFor()).isEqualTo(1);
    }
  }

  @Test
  void optionsOfTheJavaMachineAreThoseOfSpark() throws Exception {
    assertThat(Files.readAllLines(TestCluster.MODULE.resolve("src/main/resources/bridge.options")))
        .containsExactly(JavaModuleOptions.defaultModuleOptions().split(" "));
  }

  private static List<ProcessHandle> standIns() {
    return cluster.below(StandInWorker.class.getName());
  }

  private BridgeProcess start(String... conf) throws Exception {
    return new BridgeProcess(cluster.master(), folder, List.of(conf));
  }

  private BridgeProcess open(String... conf) throws Exception {
    BridgeProcess bridge = start(conf);
    bridge.open();
    bridge.await("ready", 1);
    assertThat(bridge.lines("ready")).hasSize(1);
    return bridge;
  }

  /** All contexts from 0 on, each with its two keys, each once. */
  private static void assertDone(BridgeProcess bridge, int count) throws Exception {
    bridge.await("finished", count);
    assertThat(contexts(bridge.lines("finished")))
        .containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());
    assertThat(bridge.lines("done")).hasSize(2 * count);
  }

  private static List<Integer> contexts(List<String> lines) {
    return lines.stream()
        .map(
            line -> {
              Matcher matcher = CONTEXT.matcher(line);
              assertThat(matcher.find()).isTrue();
              return Integer.valueOf(matcher.group(1));
            })
        .sorted()
        .toList();
  }
}
