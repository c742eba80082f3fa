package dev.kvpress.compare.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Ctrl-C or SIGTERM: the piece of work under way ends, what was made so far is written, and where
 * there is more to do, one line says how to go on. A second signal ends the process at once, and so
 * does a piece of work that takes too long.
 */
final class StopSignal implements BooleanSupplier, AutoCloseable {
  // Longer than a pass takes; SLURM waits as long between its two signals.
  private static final long PATIENCE_SECONDS = 30;
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Console console;
  private final Runnable onStop;
  private final Optional<Path> folder;
  private final Signals signals;
  private volatile boolean stopped;
  private volatile boolean heard;

  private StopSignal(Console console, Runnable onStop, Optional<Path> folder) {
    this.console = console;
    this.onStop = onStop;
    this.folder = folder;
    this.signals = Signals.stop(this::stop);
  }

  /** Listens from here on until it is closed, for work whose journal is in a folder. */
  static StopSignal install(Console console, Path folder) {
    return new StopSignal(console, () -> {}, Optional.of(folder));
  }

  /** Listens from here on until it is closed, which is when everything is written. */
  static StopSignal install(Console console, Runnable onStop) {
    return new StopSignal(console, onStop, Optional.empty());
  }

  private void stop() {
    stopped = true;
    Thread patience = new Thread(this::endLater, "stop");
    patience.setDaemon(true);
    patience.start();
    if (folder.isPresent()) {
      say("stopping when the piece of work under way is done; once more ends at once");
    }
    onStop.run();
  }

  private void endLater() {
    try {
      if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        sayHowToGoOn();
        Runtime.getRuntime().halt(Signals.KILLED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sayHowToGoOn() {
    folder.ifPresent(
        where ->
            say(
                "stopped; finished work is in %s, and the same command goes on from there"
                    .formatted(where)));
  }

  private void say(String line) {
    if (console.terminal()) {
      // There may be a line of progress.
      console.err().print(CLEAR_LINE);
    }
    console.note(line);
    console.err().flush();
  }

  /** Whether to stop; whoever is told so does. */
  @Override
  public boolean getAsBoolean() {
    if (stopped) {
      heard = true;
    }
    return stopped;
  }

  @Override
  public void close() {
    ended.countDown();
    signals.close();
    if (heard) {
      sayHowToGoOn();
    }
  }
}
