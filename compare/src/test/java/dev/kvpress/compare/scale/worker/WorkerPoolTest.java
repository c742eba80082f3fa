package dev.kvpress.compare.scale.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The pool over processes of {@link StandInWorker}, which die, hang, tear and babble on demand. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class WorkerPoolTest {
  private static final int KEYS = 3;

  @TempDir Path folder;
  private final Taken taken = new Taken();

  /** A context with a few keys. */
  private record Work(int context, TreeSet<String> open) implements Portion {
    static Work of(int context, int pieces) {
      TreeSet<String> keys = new TreeSet<>();
      IntStream.range(0, pieces).forEach(k -> keys.add(context + "." + k));
      return new Work(context, keys);
    }

    @Override
    public List<String> openKeys() {
      return List.copyOf(open);
    }
  }

  /** Notes all that comes. */
  private static final class Taken implements Receiver {
    final Map<Integer, Work> works = new LinkedHashMap<>();
    final List<String> keys = new ArrayList<>();
    final TreeSet<Integer> workers = new TreeSet<>();
    final Map<Integer, String> givenUp = new LinkedHashMap<>();
    final Map<String, String> lost = new LinkedHashMap<>();
    final List<String> notes = new ArrayList<>();
    int prefills;

    @Override
    public void take(int worker, Line line) {
      String key = line.body().replaceAll(".*\"key\":\"|\".*", "");
      keys.add(key);
      workers.add(worker);
      works.values().forEach(work -> work.open().remove(key));
    }

    @Override
    public void finished(Line.Finished context) {
      prefills += context.prefills();
    }

    @Override
    public void giveUp(Portion portion, String key, String reason) {
      lost.put(key, reason);
      works.get(portion.context()).open().remove(key);
    }

    @Override
    public void giveUp(Portion portion, String reason) {
      givenUp.put(portion.context(), reason);
    }

    @Override
    public void note(String text) {
      notes.add(text);
    }
  }

  /** Children of other tests, as a browser that is kept for all of them. */
  private Set<ProcessHandle> before = Set.of();

  @BeforeEach
  void lookAtChildren() {
    before = ProcessHandle.current().children().collect(Collectors.toSet());
  }

  private WorkerPool run(PoolRules rules, int contexts, BooleanSupplier stopped, String... plans) {
    return run(rules, contexts, stopped, KEYS, plans);
  }

  private WorkerPool run(
      PoolRules rules, int contexts, BooleanSupplier stopped, int pieces, String... plans) {
    List<String> arguments = new ArrayList<>(List.of(folder.toString()));
    arguments.addAll(List.of(plans));
    List<Work> works = IntStream.range(0, contexts).mapToObj(c -> Work.of(c, pieces)).toList();
    works.forEach(work -> taken.works.put(work.context(), work));
    WorkerPool pool =
        new WorkerPool(
            WorkerPoolTest::launch,
            new Line.Open(arguments, folder.toString(), 1, 1),
            rules,
            StandInWorker.SCHEDULE,
            taken);
    pool.run(works, stopped);
    return pool;
  }

  private static ProcessBuilder launch(int worker) {
    return new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "-cp",
        System.getProperty("java.class.path"),
        StandInWorker.class.getName());
  }

  private static List<String> keys(int... contexts) {
    return IntStream.of(contexts)
        .boxed()
        .flatMap(c -> IntStream.range(0, KEYS).mapToObj(k -> c + "." + k))
        .toList();
  }

  @Test
  void everyContextIsDoneOnceByAllWorkers() {
    run(PoolRules.local(2), 6, () -> false, "slow@0!", "slow@1!", "slow@2!");

    assertThat(taken.keys).containsExactlyInAnyOrderElementsOf(keys(0, 1, 2, 3, 4, 5));
    assertThat(taken.workers).containsExactly(0, 1);
    assertThat(taken.prefills).isEqualTo(6);
    assertThat(taken.givenUp).isEmpty();
    assertThat(taken.notes).isEmpty();
  }

  @Test
  void aWorkerThatDiesIsStartedAgainAndItsContextGoesOnWhereItWas() {
    WorkerPool pool = run(PoolRules.local(1), 3, () -> false, "die@1");

    assertThat(taken.keys).containsExactlyElementsOf(keys(0, 1, 2));
    assertThat(pool.restarts()).isEqualTo(1);
    assertThat(taken.givenUp).isEmpty();
    assertThat(taken.notes)
        .singleElement()
        .asString()
        .contains("worker 1 ended (killed by signal 9", "out of luck", "started again");
  }

  @Test
  void aContextThatKillsTwoWorkersIsLeftAndTheOthersGoOn() {
    run(PoolRules.local(1), 4, () -> false, "die@1!");

    // This worker does not tell which piece it has begun.
    assertThat(taken.keys).containsAll(keys(0, 2, 3)).contains("1.0").doesNotContain("1.2");
    assertThat(taken.givenUp).containsOnlyKeys(1);
    assertThat(taken.givenUp.get(1)).contains("killed by signal 9", "second try");
  }

  @Test
  void aPieceThatKillsTwoWorkersIsGivenUpAndTheRestOfItsContextDone() {
    run(PoolRules.local(1), 2, () -> false, "tell@0!", "die@0", "die2@0");

    assertThat(taken.lost).containsOnlyKeys("0.1");
    assertThat(taken.lost.get("0.1")).contains("killed by signal 9", "second try");
    assertThat(taken.keys).containsExactlyElementsOf(List.of("0.0", "0.2", "1.0", "1.1", "1.2"));
    assertThat(taken.givenUp).isEmpty();
  }

  @Test
  void aContextWhosePiecesAllKillIsLeftSoon() {
    run(PoolRules.local(1), 2, () -> false, 8, "tell@0!", "first@0!");

    assertThat(taken.lost).hasSize(4);
    assertThat(taken.givenUp).containsOnlyKeys(0);
    assertThat(taken.givenUp.get(0)).contains("so this context is left");
    assertThat(taken.keys).hasSize(8).allMatch(key -> key.startsWith("1."));
  }

  @Test
  void aLineThatWasTornIsNoLine() {
    run(PoolRules.local(1), 2, () -> false, "tear@0");

    assertThat(taken.keys).containsExactlyInAnyOrderElementsOf(keys(0, 1));
  }

  @Test
  void whatOthersPrintIntoAMessageCostsATryAndNothingElse() {
    run(PoolRules.local(1), 2, () -> false, "babble@0");

    assertThat(taken.keys).containsExactlyInAnyOrderElementsOf(keys(0, 1));
    assertThat(taken.givenUp).isEmpty();
  }

  @Test
  void aContextWithoutAnswersIsLeftAfterTwoTries() {
    run(PoolRules.local(1), 2, () -> false, "swallow@0!");

    assertThat(taken.keys).containsExactlyElementsOf(keys(1));
    assertThat(taken.givenUp.get(0)).contains("gave no answer to 3 pieces");
  }

  @Test
  void aWorkerThatDiesBehindItsLastLineCostsNoContext() {
    run(PoolRules.local(1), 2, () -> false, "late@0!", "late@1!");

    assertThat(taken.keys).containsExactlyElementsOf(keys(0, 1));
    assertThat(taken.givenUp).isEmpty();
  }

  @Test
  void workersThatCannotStartEndEverythingWithTheirLastWords() {
    assertThatThrownBy(() -> run(PoolRules.local(2), 4, () -> false, "die@-1!"))
        .isInstanceOf(WorkerException.class)
        .hasMessageContaining("ended twice before it was ready")
        .hasMessageContaining("exit code 7")
        .hasMessageContaining("cannot find the model");
    assertThat(taken.keys).isEmpty();
  }

  @Test
  void aWorkerThatDiesOnceBeforeItIsReadyIsStartedAgain() {
    run(PoolRules.local(1), 2, () -> false, "die@-1");

    assertThat(taken.keys).containsExactlyElementsOf(keys(0, 1));
  }

  @Test
  void aWorkerThatSaysWhyItCannotStartIsNotTriedAgain() {
    assertThatThrownBy(() -> run(PoolRules.local(1), 2, () -> false, "fault@-1"))
        .isInstanceOf(WorkerException.class)
        .hasMessage("the model is not what it was");
  }

  @Test
  void aWorkerWithOtherWorkIsRefused() {
    assertThatThrownBy(() -> run(PoolRules.local(1), 2, () -> false, "other@-1!"))
        .isInstanceOf(WorkerException.class)
        .hasMessageContaining("worker 1 has prepared other work")
        .hasMessageContaining("expected stand-in");
  }

  @Test
  void aCommandThatIsNotThereSaysSo() {
    WorkerPool pool =
        new WorkerPool(
            worker -> new ProcessBuilder(folder.resolve("nowhere").toString()),
            new Line.Open(List.of(), "", 1, 1),
            PoolRules.local(1),
            StandInWorker.SCHEDULE,
            taken);
    assertThatThrownBy(() -> pool.run(List.of(Work.of(0, KEYS)), () -> false))
        .isInstanceOf(WorkerException.class)
        .hasMessageContaining("worker 1 cannot be started");
  }

  @Test
  void whoIsToldToStopFinishesThePieceUnderWay() {
    run(PoolRules.local(1), 5, () -> !taken.keys.isEmpty(), "slow@0!", "slow@1!");

    assertThat(taken.keys.size()).isBetween(1, 2 * KEYS);
    assertThat(taken.givenUp).isEmpty();
    assertNoChildren();
  }

  @Test
  void aWorkerThatHangsDoesNotKeepAStopWaiting() {
    run(PoolRules.local(2), 5, () -> taken.keys.size() >= 4 * KEYS + 1, "hang@1");

    assertThat(taken.keys).containsAll(keys(0, 2, 3, 4)).contains("1.0");
    assertNoChildren();
  }

  private void assertNoChildren() {
    assertThat(
            ProcessHandle.current()
                .children()
                .filter(child -> !before.contains(child))
                .filter(ProcessHandle::isAlive)
                .filter(
                    child ->
                        !child
                            .onExit()
                            .completeOnTimeout(null, 5, TimeUnit.SECONDS)
                            .handle((ended, e) -> ended != null)
                            .join()))
        .isEmpty();
  }

  @Test
  void aBridgeTakesAllContextsAndItsDeathIsHeldAgainstNone() {
    WorkerPool pool = run(PoolRules.bridge(), 4, () -> false, "die@2", "die@3");

    assertThat(taken.keys).containsExactlyInAnyOrderElementsOf(keys(0, 1, 2, 3));
    assertThat(taken.givenUp).isEmpty();
    // The first of its contexts kills it anew; something was finished before each time.
    assertThat(pool.restarts()).isEqualTo(2);
  }

  @Test
  void aBridgeThatDiesBeforeAnythingIsFinishedEndsEverything() {
    assertThatThrownBy(() -> run(PoolRules.bridge(), 3, () -> false, "die@0!"))
        .isInstanceOf(WorkerException.class)
        .hasMessageContaining("before anything was finished");
    assertThat(taken.givenUp).isEmpty();
  }

  @Test
  void whatABridgeHasLostIsLeft() {
    run(PoolRules.bridge(), 3, () -> false, "lose@1", "swallow@1!");

    assertThat(taken.givenUp).containsExactly(Map.entry(1, "no luck elsewhere"));
    assertThat(taken.keys).containsExactlyInAnyOrderElementsOf(keys(0, 2));
  }
}
