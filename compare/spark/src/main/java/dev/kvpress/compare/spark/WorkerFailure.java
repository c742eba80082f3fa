package dev.kvpress.compare.spark;

/** A worker that did not start, died, or gave up. */
final class WorkerFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean started;

  /**
   * A failure.
   *
   * @param started whether the worker had been ready: then the context may be to blame, and
   *     otherwise the host or the program is
   */
  WorkerFailure(boolean started, String message) {
    super(message);
    this.started = started;
  }

  boolean started() {
    return started;
  }
}
