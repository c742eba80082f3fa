package dev.kvpress.compare.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Ctrl-C: the piece of work under way ends, what was made so far is written, and where there is
 * more to do, one line says how to go on.
 */
final class StopSignal implements BooleanSupplier, AutoCloseable {
  // Longer than a pass takes; a second Ctrl-C kills at once anyway.
  private static final long PATIENCE_SECONDS = 30;

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean stopped;
  private final Thread hook;

  private StopSignal(Console console, Runnable onStop, Optional<String> farewell) {
    hook =
        new Thread(
            () -> {
              stopped = true;
              onStop.run();
              try {
                if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                  return;
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              farewell.ifPresent(console::note);
              console.err().flush();
            },
            "stop");
  }

  /** Listens from here on until it is closed, for work whose journal is in a folder. */
  static StopSignal install(Console console, Path folder) {
    return install(
        new StopSignal(
            console,
            () -> {},
            Optional.of(
                "stopped; finished work is in %s, and the same command goes on from there"
                    .formatted(folder))));
  }

  /** Listens from here on until it is closed, which is when everything is written. */
  static StopSignal install(Console console, Runnable onStop) {
    return install(new StopSignal(console, onStop, Optional.empty()));
  }

  private static StopSignal install(StopSignal signal) {
    Runtime.getRuntime().addShutdownHook(signal.hook);
    return signal;
  }

  @Override
  public boolean getAsBoolean() {
    return stopped;
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already; the hook says so.
    }
  }
}
