package dev.kvpress.presses.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void doesEachPieceOnceAndReturnsResultsInOrder(int threads) {
    try (Workers workers = Workers.of(threads)) {
      for (int count : new int[] {0, 1, 2, 7, 100}) {
        AtomicIntegerArray done = new AtomicIntegerArray(count);
        workers.forEach(count, done::incrementAndGet);
        for (int i = 0; i < count; i++) {
          assertThat(done.get(i)).isEqualTo(1);
        }
        List<String> results = workers.map(count, i -> "piece " + i);
        assertThat(results)
            .containsExactlyElementsOf(
                IntStream.range(0, count).mapToObj(i -> "piece " + i).toList());
      }
    }
  }

  @Test
  void asManyThreadsAsAskedForAreAtWorkAtOnce() {
    try (Workers workers = Workers.of(3)) {
      CountDownLatch allAtWork = new CountDownLatch(3);
      workers.forEach(
          3,
          i -> {
            allAtWork.countDown();
            await(allAtWork);
          });
      assertThat(allAtWork.getCount()).isZero();
    }
  }

  @Test
  void neverMorePiecesAtWorkThanThreads() {
    try (Workers workers = Workers.of(3)) {
      AtomicInteger atWork = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      workers.forEach(
          20,
          i ->
              workers.forEach(
                  5,
                  j -> {
                    most.accumulateAndGet(atWork.incrementAndGet(), Math::max);
                    Thread.yield();
                    atWork.decrementAndGet();
                  }));
      assertThat(most.get()).isBetween(1, 3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8})
  void theFirstFailureInOrderIsReported(int threads) {
    try (Workers workers = Workers.of(threads)) {
      for (int round = 0; round < 200; round++) {
        assertThatThrownBy(
                () ->
                    workers.forEach(
                        50,
                        i -> {
                          if (i % 7 == 3) {
                            throw new IllegalArgumentException("piece " + i);
                          }
                        }))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("piece 3");
      }
      assertThatThrownBy(
              () ->
                  workers.forEach(
                      2,
                      i -> {
                        throw new StackOverflowError("piece " + i);
                      }))
          .isInstanceOf(StackOverflowError.class)
          .hasMessage("piece 0");
    }
  }

  @Test
  void whoeverAsksGetsOnWhileAllHelpersAreBusy() {
    try (Workers workers = Workers.of(2)) {
      CountDownLatch helperIsBusy = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      Thread other =
          new Thread(
              () ->
                  workers.forEach(
                      2,
                      i -> {
                        helperIsBusy.countDown();
                        await(end);
                      }));
      other.start();
      await(helperIsBusy);
      Set<Thread> threads = ConcurrentHashMap.newKeySet();
      AtomicInteger sum = new AtomicInteger();
      workers.forEach(
          10,
          i -> {
            threads.add(Thread.currentThread());
            sum.addAndGet(i);
          });
      assertThat(sum.get()).isEqualTo(45);
      assertThat(threads).contains(Thread.currentThread());
      end.countDown();
      join(other);
    }
  }

  @Test
  void onceClosedTheCallerWorksAlone() {
    Workers workers = Workers.of(4);
    workers.close();
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    workers.forEach(10, i -> threads.add(Thread.currentThread()));
    assertThat(threads).containsExactly(Thread.currentThread());
  }

  @Test
  void needsAThread() {
    assertThatThrownBy(() -> Workers.of(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads must be at least 1, found 0");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
