package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that are killed, with nothing lost and nothing doubled. */
class KilledWorkersTest {
  private static final int WORKERS = Math.min(2, Runtime.getRuntime().availableProcessors());
  private static final int KILLS = 20;
  private static final long SECONDS = 300;

  @TempDir Path folder;

  private Process start(String output, String... more) throws IOException {
    return OwnProcess.of(folder, output, more)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(said(output).toFile()))
        .start();
  }

  private Process startWorkers(String output) throws IOException {
    return start(output, "--workers", Integer.toString(WORKERS));
  }

  private Path said(String output) {
    return folder.resolve(output + ".txt");
  }

  private int finish(Process process, String output) throws Exception {
    assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).as("it ends").isTrue();
    return process.exitValue();
  }

  private int done(String output) throws Exception {
    Path journal = folder.resolve(output).resolve("journal.jsonl");
    if (!Files.exists(journal)) {
      return 0;
    }
    int done = 0;
    String text = Files.readString(journal);
    // Behind the last end of line there may be half a line.
    for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
      done += line.contains("\"outcome\"") ? 1 : 0;
    }
    return done;
  }

  private static void await(BooleanSupplier until) throws InterruptedException {
    long start = System.nanoTime();
    while (!until.getAsBoolean()) {
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(SECONDS));
      Thread.sleep(20);
    }
  }

  private void awaitDone(String output, int pieces) throws Exception {
    long start = System.nanoTime();
    while (done(output) < pieces) {
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(SECONDS));
      Thread.sleep(20);
    }
  }

  private static void assertGone(List<ProcessHandle> processes) throws InterruptedException {
    await(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
  }

  private void assertSameAsPlain(String output) throws Exception {
    if (!Files.exists(folder.resolve("plain"))) {
      assertThat(finish(start("plain"), "plain")).isZero();
    }
    RunFiles.assertSame(folder.resolve("plain"), folder.resolve(output));
    assertThat(RunFiles.logits(folder.resolve(output)))
        .hasSize(OwnProcess.WORK)
        .isEqualTo(RunFiles.logits(folder.resolve("plain")));
  }

  @Test
  @Tag("long")
  void aWorkerThatIsKilledIsReplacedWithinTheRun() throws Exception {
    Process run = startWorkers("out");
    awaitDone("out", 2);
    run.children().findFirst().orElseThrow().destroyForcibly();

    assertThat(finish(run, "out")).as(Files.readString(said("out"))).isZero();
    assertThat(Files.readString(said("out"))).contains("ended (killed by signal 9", "again");
    assertSameAsPlain("out");
  }

  @Test
  @Tag("long")
  void workersEndWithTheRunThatIsKilledAndAPlainOneGoesOn() throws Exception {
    Process run = startWorkers("out");
    awaitDone("out", 2);
    List<ProcessHandle> workers = run.children().toList();
    assertThat(workers).hasSize(WORKERS);
    run.destroyForcibly().waitFor();

    assertGone(workers);
    int before = done("out");
    assertThat(finish(start("out"), "out")).as(Files.readString(said("out"))).isZero();
    assertThat(Files.readString(said("out")))
        .contains("resumed " + before + " of " + OwnProcess.WORK);
    assertSameAsPlain("out");
  }

  @Test
  @Tag("long")
  void ctrlCEndsWithinSecondsAndSaysHowToGoOn() throws Exception {
    Process run = startWorkers("out");
    awaitDone("out", 2);
    List<ProcessHandle> all = run.descendants().toList();
    // A terminal sends it to all of them; to the run as SIGTERM here, which means the same, since
    // children of a build in the background ignore the other.
    for (ProcessHandle each : all) {
      signal("INT", each.pid());
    }
    signal("TERM", run.pid());

    assertThat(finish(run, "out")).isEqualTo(1);
    assertGone(all);
    assertThat(Files.readString(said("out")))
        .contains("stopping when the piece of work under way is done", "stopped after ")
        .contains("the same command goes on from there")
        .doesNotContain("Exception");
    assertThat(done("out")).isBetween(2, OwnProcess.WORK - 1);
    assertThat(finish(startWorkers("out"), "out")).isZero();
    assertSameAsPlain("out");
  }

  @Test
  void ctrlCOfAPlainRunLeavesTheEngineInPeace() throws Exception {
    Process run = start("out");
    awaitDone("out", 2);
    signal("TERM", run.pid());

    assertThat(finish(run, "out")).as(Files.readString(said("out"))).isEqualTo(1);
    assertThat(Files.readString(said("out")))
        .contains("stopped after ", "the same command goes on from there")
        .doesNotContain("Exception", "SIGSEGV");
    assertThat(folder.resolve("out/.owner")).doesNotExist();
  }

  private static void signal(String name, long pid) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }

  /** Kills at random moments, each of a worker or of the run itself. */
  @Test
  @Tag("stress")
  void afterManyKillsNothingIsLostOrDoubled() throws Exception {
    long seed = 11;
    Random random = new Random(seed);
    int kills = 0;
    for (int round = 0; kills < KILLS; round++) {
      String output = "round-" + round;
      int before = 0;
      int code;
      do {
        Process run = startWorkers(output);
        kills += killSome(run, random, KILLS - kills);
        code = finish(run, output);
        assertThat(done(output)).as("seed %d: nothing lost", seed).isGreaterThanOrEqualTo(before);
        before = done(output);
      } while (code != 0);
      assertSameAsPlain(output);
    }
  }

  /** Returns how many it killed before the run ended. */
  private static int killSome(Process run, Random random, int most) throws InterruptedException {
    int kills = 0;
    while (kills < most && !run.waitFor(300 + random.nextInt(2500), TimeUnit.MILLISECONDS)) {
      List<ProcessHandle> workers = run.children().toList();
      boolean whole = workers.isEmpty() || random.nextInt(3) == 0;
      ProcessHandle victim = whole ? run.toHandle() : workers.get(random.nextInt(workers.size()));
      if (victim.destroyForcibly()) {
        kills++;
      }
      if (whole) {
        assertGone(workers);
      }
    }
    return kills;
  }
}
