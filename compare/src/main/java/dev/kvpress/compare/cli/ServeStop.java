package dev.kvpress.compare.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C or SIGTERM: the endpoint stops, and the process ends with 0 once it has; a second signal
 * ends it at once.
 */
final class ServeStop implements AutoCloseable {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final Signals signals = Signals.stop(asked::countDown);

  private ServeStop() {}

  /** Listens from here on until it is closed. */
  static ServeStop install() {
    return new ServeStop();
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

  @Override
  public void close() {
    signals.close();
  }
}
