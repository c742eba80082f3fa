package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.kernel.Workers;
import dev.kvpress.runtime.decode.TestRequest.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many requests on one model at once are answered as each is alone. */
@Timeout(120)
class ConcurrentRequestsTest {
  private static final Path DEMO = Path.of("..", "test-data", "models", "demo");
  private static final int REQUESTS = 64;
  private static final int STEPS = 3;

  /** Threads of each operator and each press, so that there is something to share. */
  private static final int THREADS = 2;

  @TempDir static Path cache;

  private static DecoderModel open(HookedSessions sessions, int passesAtOnce) {
    DecoderOptions options = DecodeFixtures.cpu(THREADS, cache);
    return DecoderModel.open(DEMO, options, sessions, passesAtOnce);
  }

  @Test
  void sixtyFourAtOnceGetTheVeryLogitsThatEachGetsAlone() {
    List<TestRequest> requests = TestRequest.ofAllKinds(REQUESTS, 16, 64, STEPS);
    HookedSessions sessions = new HookedSessions(THREADS);
    List<Answer> together;
    // Opened for this: graphs are loaded and trained tensors read by whoever comes first.
    try (DecoderModel model = open(sessions, THREADS)) {
      List<Callable<Answer>> calls = new ArrayList<>();
      requests.forEach(request -> calls.add(() -> request.run(model)));
      together = Side.atOnce(calls);
      assertThat(model.pool().liveBytes()).isZero();
      assertThat(model.turns().running()).isZero();
    }
    assertThat(sessions.mostInside.get()).isBetween(1, THREADS);
    assertThat(sessions.closed).hasValue(sessions.opened.get());
    try (DecoderModel model = open(new HookedSessions(THREADS), 1)) {
      for (int i = 0; i < REQUESTS; i++) {
        assertThat(together.get(i)).as("%s", requests.get(i)).isEqualTo(requests.get(i).run(model));
      }
    }
    assertThat(together.stream().filter(answer -> answer.achieved() > 0).count())
        .as("requests whose cache was cut")
        .isGreaterThan(REQUESTS / 2);
  }

  /** Forks share memory until they change: who writes in place must be alone with it. */
  @Test
  void forksOfOnePrefillGoOnAtOnceAsTheyDoOneByOne() {
    TestRequest request = new TestRequest("h2o(local_window_size=8)", 70, 3, 32, 0.5, 0, true);
    ModelPress press = request.made();
    try (DecoderModel model = open(new HookedSessions(THREADS), 4);
        Context prefilled = model.start(1, press.needs()).allowFused(100)) {
      prefilled.prefill(request.prompt(model), request.chunk());
      List<Callable<List<Long>>> calls = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        int number = i;
        Context fork = prefilled.fork();
        calls.add(() -> continued(fork, press, number));
      }
      List<List<Long>> together = Side.atOnce(calls);
      for (int i = 0; i < 24; i++) {
        assertThat(together.get(i)).isEqualTo(continued(prefilled.fork(), press, i));
      }
      assertThat(together).doesNotHaveDuplicates();
    }
  }

  /** Cuts every third one, lets every second one go on in place, and closes it. */
  private static List<Long> continued(Context fork, ModelPress press, int number) {
    List<Long> bits = new ArrayList<>();
    try (fork) {
      if (number % 3 == 0) {
        fork.compress(press, Budget.ratio(0.5));
      }
      if (number % 2 == 0) {
        fork.stopObserving();
      } else {
        fork.avoidFused();
      }
      for (int step = 0; step < 4; step++) {
        bits.add(fork.forward(5 + number + step).bitHash());
      }
    }
    return bits;
  }

  @Test
  void asManyPassesAsThereAreTurnsRunAtOnceAndNoMore() {
    TestRequest request = new TestRequest("knorm", 60, 1, 8, 0.5, 4, true);
    for (int turns : new int[] {1, 3}) {
      HookedSessions sessions = new HookedSessions(1).onRunning(ConcurrentRequestsTest::dawdle);
      try (DecoderModel model = open(sessions, turns)) {
        List<Callable<Answer>> calls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          calls.add(() -> request.run(model));
        }
        assertThat(Side.atOnce(calls)).containsOnly(request.run(model));
      }
      assertThat(sessions.mostInside).hasValue(turns);
    }
  }

  private static void dawdle() {
    try {
      Thread.sleep(2);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void helpersOfPressesServeManyCallersAndEachGetsItsOwnResults() {
    try (Workers workers = Workers.of(3)) {
      List<Callable<List<Integer>>> callers = new ArrayList<>();
      for (int c = 0; c < REQUESTS; c++) {
        int caller = c;
        callers.add(() -> workers.map(100, i -> workers.map(3, j -> caller * i + j).get(2)));
      }
      List<List<Integer>> results = Side.atOnce(callers);
      for (int c = 0; c < REQUESTS; c++) {
        assertThat(results.get(c)).hasSize(100);
        for (int i = 0; i < 100; i++) {
          assertThat(results.get(c).get(i)).isEqualTo(c * i + 2);
        }
      }
    }
  }
}
