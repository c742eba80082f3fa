package dev.kvpress.compare.serve.http;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Looks again and again whether the clients of running requests are still there, and rings when
 * times are over. A client that has closed its connection sends nothing that anybody waits for, so
 * somebody must look.
 */
final class ClientWatch implements AutoCloseable {
  private static final long LOOK_MILLIS = 20;

  private final Set<Exchange> watched = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "kvpress-serve-watch");
            thread.setDaemon(true);
            return thread;
          });

  ClientWatch() {
    clock.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    watched.forEach(Exchange::look);
  }

  void add(Exchange exchange) {
    watched.add(exchange);
  }

  void remove(Exchange exchange) {
    watched.remove(exchange);
  }

  /** Those that are worked at. */
  Set<Exchange> running() {
    return watched;
  }

  /** Runs something later, unless the future is cancelled before. */
  Future<?> later(long nanos, Runnable task) {
    return clock.schedule(task, nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
