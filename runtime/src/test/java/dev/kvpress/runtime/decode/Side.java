package dev.kvpress.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Work on a thread of its own, with a name, which a test waits for with patience and an end. */
final class Side<T> {
  private static final int PATIENCE_SECONDS = 60;

  private final int patienceSeconds;
  private final Thread thread;
  private final FutureTask<T> task;

  private Side(String name, int patienceSeconds, Callable<T> work) {
    this.patienceSeconds = patienceSeconds;
    task = new FutureTask<>(work);
    thread = new Thread(task, name);
    thread.setDaemon(true);
  }

  /** Starts it. */
  static <T> Side<T> start(String name, Callable<T> work) {
    return start(name, PATIENCE_SECONDS, work);
  }

  private static <T> Side<T> start(String name, int patienceSeconds, Callable<T> work) {
    Side<T> side = new Side<>(name, patienceSeconds, work);
    side.thread.start();
    return side;
  }

  /** Does all of it at once, a thread each, begun together; gives the results in order. */
  static <T> List<T> atOnce(List<? extends Callable<T>> works) {
    return atOnce(PATIENCE_SECONDS, works);
  }

  /** The same for work that may take longer. */
  static <T> List<T> atOnce(int patienceSeconds, List<? extends Callable<T>> works) {
    CountDownLatch gate = new CountDownLatch(1);
    List<Side<T>> sides = new ArrayList<>();
    for (Callable<T> work : works) {
      sides.add(
          start(
              "request-" + sides.size(),
              patienceSeconds,
              () -> {
                gate.await();
                return work.call();
              }));
    }
    gate.countDown();
    return sides.stream().map(Side::result).toList();
  }

  /** What it has given. */
  T result() {
    try {
      return task.get(patienceSeconds, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(thread.getName() + " has failed", e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(thread.getName() + " does not end", e);
    }
  }

  /** What it has failed with. */
  Throwable failure() {
    try {
      return new AssertionError(
          thread.getName()
              + " has not failed, but given "
              + task.get(patienceSeconds, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(thread.getName() + " does not end", e);
    }
  }

  void interrupt() {
    thread.interrupt();
  }

  boolean isOver() {
    return task.isDone();
  }

  /** Waits until it can go no further by itself, in a method of some class. */
  void awaitStandstillIn(Class<?> place) {
    awaitTrue(
        thread.getName() + " stands still in " + place.getSimpleName(),
        () ->
            switch (thread.getState()) {
              case BLOCKED, WAITING, TIMED_WAITING ->
                  Arrays.stream(thread.getStackTrace())
                      .anyMatch(frame -> frame.getClassName().equals(place.getName()));
              default -> false;
            });
  }

  static void awaitTrue(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("what was awaited").isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
