package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Press;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.TestRequest.Answer;
import dev.kvpress.runtime.export.TinyCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What threads may do to contexts, and what becomes of one harms no other. */
@Timeout(60)
class ContextThreadsTest {
  /** The thread whose passes are held up or fail. */
  private static final String DOOMED = "doomed";

  @TempDir static Path folder;
  private static Path checkpoint;

  private final HookedSessions sessions = new HookedSessions(1);
  private DecoderModel model;

  @BeforeAll
  static void write() throws IOException {
    checkpoint = TinyCheckpoint.llama().write(Files.createDirectories(folder.resolve("tiny")));
  }

  @BeforeEach
  void open() {
    model = open(2);
  }

  private DecoderModel open(int turns) {
    return DecoderModel.open(
        checkpoint, DecodeFixtures.cpu(2, folder.resolve("exports")), sessions, turns);
  }

  @AfterEach
  void close() {
    sessions.onRunning(() -> {});
    model.close();
    assertThat(model.pool().liveBytes()).as("bytes that nobody has given back").isZero();
    assertThat(sessions.closed).hasValue(sessions.opened.get());
  }

  private static int[] ids(int count) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = 3 + i * 7 % 31;
    }
    return ids;
  }

  /** Holds the doomed thread up in one of its passes. */
  private final class Hold {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch free = new CountDownLatch(1);

    Hold(int pass) {
      AtomicInteger passes = new AtomicInteger();
      sessions.onRunning(
          () -> {
            if (Thread.currentThread().getName().equals(DOOMED)
                && passes.incrementAndGet() == pass) {
              reached.countDown();
              Side.await(free);
            }
          });
    }
  }

  @Test
  void aSecondThreadIsRefusedByNameWhileACallRuns() {
    Hold hold = new Hold(2);
    Context context = model.start(1, Set.of());
    Side<Logits> prefill = Side.start(DOOMED, () -> context.prefill(ids(30), 10));
    Side.await(hold.reached);
    for (Runnable call :
        List.<Runnable>of(
            () -> context.forward(1),
            () -> context.prefill(ids(3), 2),
            context::fork,
            context::keptTokens,
            context::physicalBytes,
            () -> context.positions(0, 0, 0),
            () -> context.allowFused(0),
            () -> context.compress((Press) (layer, budget) -> CacheEdit.none(), Budget.FULL))) {
      assertThatThrownBy(call::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("a context is for one thread at a time")
          .hasMessageContaining("while prefill of thread doomed runs")
          .hasMessageContaining("Context.fork");
    }
    hold.free.countDown();
    Logits logits = prefill.result();
    // Once the call is over anybody may go on, and nothing has happened to the context.
    assertThat(context.tokensSeen()).isEqualTo(30);
    try (Context alone = model.start(1, Set.of())) {
      assertThat(alone.prefill(ids(30), 10).bitHash()).isEqualTo(logits.bitHash());
      assertThat(alone.forward(5).bitHash()).isEqualTo(context.forward(5).bitHash());
    }
    context.close();
  }

  @Test
  void closingFromAnotherThreadEndsAPrefillAfterThePassItIsIn() {
    Hold hold = new Hold(2);
    Context context = model.start(1, Set.of());
    Side<Logits> prefill = Side.start(DOOMED, () -> context.prefill(ids(40), 10));
    Side.await(hold.reached);
    Side<Boolean> closing = closing("closer", context);
    assertThat(model.pool().liveBytes()).isPositive();
    hold.free.countDown();
    assertThat(prefill.failure())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the context was closed by thread closer while prefill was running");
    closing.result();
    assertThat(sessions.runs).hasValue(2);
    assertThat(model.pool().liveBytes()).isZero();
    assertThatThrownBy(() -> context.forward(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the context is closed (by thread closer)");
    context.close();
  }

  /** Starts to close a context in which a call runs, and waits until it has to wait for that. */
  private static Side<Boolean> closing(String name, Context context) {
    Side<Boolean> closing =
        Side.start(
            name,
            () -> {
              context.close();
              return true;
            });
    closing.awaitStandstillIn(ContextGuard.class);
    return closing;
  }

  @Test
  void closingFromAnotherThreadWaitsForTheStepThatRunsAndForksGoOn() {
    Context context = model.start(1, Set.of());
    context.prefill(ids(30), 10);
    Context fork = context.fork();
    Hold hold = new Hold(1);
    Side<Logits> step = Side.start(DOOMED, () -> context.forward(7));
    Side.await(hold.reached);
    Side<Boolean> closing = closing("closer", context);
    hold.free.countDown();
    Logits expected = fork.forward(7);
    assertThat(step.result().bitHash()).isEqualTo(expected.bitHash());
    closing.result();
    assertThatThrownBy(() -> context.forward(1)).hasMessageContaining("is closed");
    fork.close();
  }

  @Test
  void aCallThatWaitsForItsTurnEndsAtOnceWhenItsContextIsClosedOrItsThreadInterrupted() {
    try (DecoderModel one = open(1)) {
      Hold hold = new Hold(1);
      Context slow = one.start(1, Set.of());
      Side<Logits> prefill = Side.start(DOOMED, () -> slow.prefill(ids(10), 10));
      Side.await(hold.reached);
      Context closed = one.start(1, Set.of());
      Context interrupted = one.start(1, Set.of());
      Side<Logits> first = Side.start("first", () -> closed.prefill(ids(10), 10));
      Side.awaitTrue("first waits", () -> one.turns().waiting() == 1);
      Side<Logits> second = Side.start("second", () -> interrupted.prefill(ids(10), 10));
      Side.awaitTrue("second waits", () -> one.turns().waiting() == 2);
      // Nothing is taken for passes that wait.
      assertThat(sessions.inside).hasValue(1);
      closed.close();
      assertThat(first.failure())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the context was closed by thread");
      second.interrupt();
      assertThat(second.failure())
          .isInstanceOf(CancellationException.class)
          .hasMessageContaining("thread second was interrupted while a pass of model tiny waited");
      assertThat(prefill.isOver()).isFalse();
      hold.free.countDown();
      prefill.result();
      // The interrupted one is as it was and can be used again.
      assertThat(interrupted.tokensSeen()).isZero();
      interrupted.prefill(ids(10), 10);
      slow.close();
      interrupted.close();
      assertThat(one.pool().liveBytes()).isZero();
    }
  }

  @Test
  void aPressThatClosesItsOwnContextEndsTheCallAndTheMemoryComesBack() {
    AtomicReference<Context> own = new AtomicReference<>();
    // Of the whole model: layers may be on other threads, which would wait for this call.
    ModelPress press =
        new ModelPress() {
          @Override
          public List<CacheEdit> compress(ModelSignals seen, Budget budget) {
            own.get().close();
            return Collections.nCopies(seen.layers().size(), CacheEdit.none());
          }

          @Override
          public Set<Signal> needs() {
            return Set.of();
          }
        };
    own.set(model.start(1, Set.of()));
    own.get().prefill(ids(20), 10);
    assertThatThrownBy(() -> own.get().compress(press, Budget.ratio(0.5)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed by thread")
        .hasMessageContaining("while compress was running");
    assertThat(model.pool().liveBytes()).isZero();
  }

  @Test
  void requestsThatFailOrAreClosedHarmNoOther() {
    TestRequest healthy =
        new TestRequest("h2o(local_window_size=8,decoding=true)", 40, 2, 8, 0.5, 8, false);
    Answer expected = healthy.run(model);
    AtomicInteger passes = new AtomicInteger();
    sessions.onRunning(
        () -> {
          String thread = Thread.currentThread().getName();
          if (thread.startsWith("failing") && passes.incrementAndGet() % 3 == 0) {
            throw new ModelException("the device is gone");
          }
        });
    List<Side<Answer>> others = new ArrayList<>();
    List<Side<?>> failing = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      others.add(Side.start("healthy-" + i, () -> healthy.run(model)));
      int kind = i % 4;
      failing.add(Side.start("failing-" + i, () -> fail(kind)));
    }
    failing.forEach(
        side ->
            assertThat(side.failure().getMessage())
                .matches(
                    "the device is gone|token id 40 is outside the vocabulary of 40|the press is at its end|the context (was|is) closed.*"));
    others.forEach(side -> assertThat(side.result()).isEqualTo(expected));
    assertThat(model.pool().liveBytes()).isZero();
    assertThat(healthy.run(model)).isEqualTo(expected);
  }

  private Object fail(int kind) throws InterruptedException {
    Press broken =
        (layer, budget) -> {
          throw new IllegalArgumentException("the press is at its end");
        };
    try (Context context = model.start(1, Set.of())) {
      context.prefill(ids(20), 4);
      switch (kind) {
        case 0 -> context.forward(40);
        case 1 -> context.compress(broken, Budget.ratio(0.5));
        case 2 -> {
          Thread closer = new Thread(context::close);
          closer.start();
          for (int step = 0; !Thread.currentThread().isInterrupted(); step++) {
            context.forward(step % 31);
            if (step % 20 == 0) {
              context.compress(PressCatalog.load().make("knorm").press(), Budget.tokens(8));
            }
          }
          closer.join();
        }
        default -> {
          for (int step = 0; ; step++) {
            context.forward(step % 31);
          }
        }
      }
      return context;
    }
  }

  @Test
  void closingTheModelWaitsForPassesThatRunAndAllOthersAreToldByName() {
    Hold hold = new Hold(2);
    Context running = model.start(1, Set.of());
    Context idle = model.start(1, Set.of());
    idle.prefill(ids(10), 10);
    Side<Logits> prefill = Side.start(DOOMED, () -> running.prefill(ids(40), 10));
    Side.await(hold.reached);
    Side<Boolean> closing =
        Side.start(
            "closer",
            () -> {
              model.close();
              return true;
            });
    closing.awaitStandstillIn(EngineTurns.class);
    assertThat(sessions.closed).hasValue(0);
    hold.free.countDown();
    closing.result();
    assertThat(prefill.failure())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("model tiny is closed");
    for (Runnable call :
        List.<Runnable>of(
            () -> idle.forward(1),
            () -> idle.compress((Press) (layer, budget) -> CacheEdit.none(), Budget.FULL),
            () -> model.start(1, Set.of()))) {
      assertThatThrownBy(call::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("model tiny is closed");
    }
    running.close();
    idle.close();
  }

  @Test
  void aModelThatIsClosedAmidstManyRequestsEndsThemAllByName() {
    for (int round = 0; round < 5; round++) {
      AtomicInteger answered = new AtomicInteger();
      DecoderModel other = open(2);
      List<Side<Object>> requests = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        TestRequest request = new TestRequest("knorm", 20 + 2 * i, i, 8, 0.5, 8, i % 2 == 0);
        requests.add(
            Side.start(
                "request-" + i,
                () -> {
                  while (true) {
                    request.run(other);
                    answered.incrementAndGet();
                  }
                }));
      }
      Side.awaitTrue("some are answered", () -> answered.get() > 20);
      other.close();
      requests.forEach(
          side ->
              assertThat(side.failure())
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessage("model tiny is closed"));
      assertThat(other.pool().liveBytes()).isZero();
      assertThat(other.pool().idleBytes()).isZero();
    }
  }
}
