package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvpress.runtime.ort.Provider;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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
  void passesFillTheCoresAndOneIsOutsideTheEngineWhileAnotherIsInIt() {
    assertThat(EngineTurns.sensible(Provider.CPU, 16, 16)).isEqualTo(2);
    assertThat(EngineTurns.sensible(Provider.CPU, 1, 16)).isEqualTo(16);
    assertThat(EngineTurns.sensible(Provider.CPU, 4, 2)).isEqualTo(2);
    assertThat(EngineTurns.sensible(Provider.CUDA, 4, 16)).isEqualTo(1);
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
  void whoAsksAgainAndAgainKeepsNobodyOutForLongerThanAStint() {
    long stint = TimeUnit.MILLISECONDS.toNanos(10);
    for (int most : new int[] {1, 2}) {
      AtomicLong clock = new AtomicLong();
      EngineTurns clocked = new EngineTurns("m", most, clock::get);
      List<EngineTurns.Turn> held = new ArrayList<>();
      for (int i = 0; i < most; i++) {
        held.add(clocked.take(ALWAYS));
      }
      CountDownLatch done = new CountDownLatch(1);
      Side<Boolean> patient =
          Side.start(
              "patient",
              () -> {
                try (EngineTurns.Turn turn = clocked.take(ALWAYS)) {
                  Side.await(done);
                  return turn != null;
                }
              });
      Side.awaitTrue("it waits", () -> clocked.waiting() == 1);
      clock.set(stint / most);
      held.get(0).close();
      // The turn is the other's already, whether its thread is awake or not.
      assertThat(clocked.waiting()).isZero();
      assertThat(clocked.running()).isEqualTo(most);
      done.countDown();
      assertThat(patient.result()).isTrue();
      held.stream().skip(1).forEach(EngineTurns.Turn::close);
      assertThat(clocked.running()).isZero();
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
    closing.awaitStandstillIn(EngineTurns.class);
    assertThatThrownBy(() -> turns.take(ALWAYS)).hasMessage("model m is closed");
    held.close();
    closing.result();
  }
}
