package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EngineTurnsTest {
  private static final Runnable ALWAYS = () -> {};

  private final EngineTurns turns = new EngineTurns("m", 1);

  private Side<Boolean> waiter(String name, Runnable wanted, Runnable pass) {
    int before = turns.waiting();
    Side<Boolean> side =
        Side.start(
            name,
            () -> {
              try (EngineTurns.Turn turn = turns.take(wanted)) {
                assertThat(turn).isNotNull();
                pass.run();
              }
              return Thread.currentThread().isInterrupted();
            });
    Side.awaitTrue(name + " waits", () -> turns.waiting() == before + 1);
    return side;
  }

  @Test
  void whoCameFirstIsServedFirst() {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    List<Side<Boolean>> sides = new ArrayList<>();
    EngineTurns.Turn held = turns.take(ALWAYS);
    for (int i = 0; i < 20; i++) {
      int number = i;
      sides.add(waiter("waiter-" + i, ALWAYS, () -> order.add(number)));
    }
    held.close();
    sides.forEach(Side::result);
    assertThat(order).isSorted().hasSize(20);
    assertThat(turns.running()).isZero();
  }

  @Test
  void whoAsksAgainAndAgainKeepsNobodyOut() {
    AtomicBoolean served = new AtomicBoolean();
    EngineTurns.Turn held = turns.take(ALWAYS);
    Side<Boolean> patient = waiter("patient", ALWAYS, () -> served.set(true));
    held.close();
    int passes = 0;
    while (!served.get()) {
      try (EngineTurns.Turn turn = turns.take(ALWAYS)) {
        assertThat(turn).isNotNull();
        passes++;
        pause(1);
      }
      // A stint of 10 ms holds ten of these; the rest is for machines that are busy.
      assertThat(passes).isLessThan(10_000);
    }
    patient.result();
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void neverMoreAtOnceThanThereAreTurns() {
    EngineTurns three = new EngineTurns("m", 3);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Callable<Integer>> calls = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      calls.add(
          () -> {
            for (int pass = 0; pass < 50; pass++) {
              try (EngineTurns.Turn turn = three.take(ALWAYS)) {
                assertThat(turn).isNotNull();
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                Thread.yield();
                inside.decrementAndGet();
              }
            }
            return 50;
          });
    }
    assertThat(Side.atOnce(calls)).hasSize(32).containsOnly(50);
    assertThat(most.get()).isBetween(1, 3);
    assertThat(three.running()).isZero();
    assertThat(three.waiting()).isZero();
  }

  @Test
  void aPassThatNobodyWantsAnyMoreLeavesTheQueue() {
    AtomicBoolean wanted = new AtomicBoolean(true);
    EngineTurns.Turn held = turns.take(ALWAYS);
    Side<Boolean> unwanted =
        waiter(
            "unwanted",
            () -> {
              if (!wanted.get()) {
                throw new IllegalStateException("closed meanwhile");
              }
            },
            () -> {});
    Side<Boolean> next = waiter("next", ALWAYS, () -> {});
    wanted.set(false);
    turns.askAgain();
    assertThat(unwanted.failure()).hasMessage("closed meanwhile");
    held.close();
    next.result();
  }

  @Test
  void anInterruptedThreadLeavesTheQueueAndStaysInterrupted() {
    EngineTurns.Turn held = turns.take(ALWAYS);
    AtomicBoolean stayed = new AtomicBoolean();
    Side<Boolean> side =
        Side.start(
            "impatient",
            () -> {
              try {
                return turns.take(ALWAYS) == null;
              } finally {
                stayed.set(Thread.currentThread().isInterrupted());
              }
            });
    Side.awaitTrue("it waits", () -> turns.waiting() == 1);
    side.interrupt();
    assertThat(side.failure())
        .isInstanceOf(CancellationException.class)
        .hasMessage(
            "thread impatient was interrupted while a pass of model m waited for its turn in the engine; the pass has not begun");
    assertThat(stayed).isTrue();
    assertThat(turns.waiting()).isZero();
    held.close();
    turns.take(ALWAYS).close();
  }

  @Test
  void closingSendsAwayWhoWaitsAndWaitsForWhoRuns() {
    EngineTurns.Turn held = turns.take(ALWAYS);
    Side<Boolean> waiting = waiter("waiting", ALWAYS, () -> {});
    CountDownLatch begun = new CountDownLatch(1);
    Side<Boolean> closing =
        Side.start(
            "closing",
            () -> {
              begun.countDown();
              turns.close();
              return true;
            });
    Side.await(begun);
    assertThat(waiting.failure())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("model m is closed");
    closing.awaitStandstill();
    assertThat(closing.isOver()).isFalse();
    assertThatThrownBy(() -> turns.take(ALWAYS)).hasMessage("model m is closed");
    held.close();
    closing.result();
  }
}
