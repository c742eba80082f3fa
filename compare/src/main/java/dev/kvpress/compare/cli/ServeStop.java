package dev.kvpress.compare.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C or SIGTERM: the endpoint stops, and the process ends with 0 once it has. By itself the
 * machine would end with the signal's number, which service managers take for a failure.
 */
final class ServeStop implements AutoCloseable {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "stop");

  private ServeStop() {}

  /** Listens from here on until it is closed. */
  static ServeStop install() {
    ServeStop stop = new ServeStop();
    Runtime.getRuntime().addShutdownHook(stop.hook);
    return stop;
  }

  private void stop() {
    asked.countDown();
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(ExitCode.OK);
  }

  /** Waits until somebody asks to stop; an interrupt asks too. */
  void await() {
    try {
      asked.await();
    } catch (InterruptedException e) {
      // Whoever runs this as a part of something else stops it so; the flag would only disturb
      // what is still to be closed.
    }
  }

  /** All is closed. */
  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending already and waits for this.
    }
    ended.countDown();
  }
}
