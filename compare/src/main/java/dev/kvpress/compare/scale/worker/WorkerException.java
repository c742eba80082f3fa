package dev.kvpress.compare.scale.worker;

/** Workers cannot go on; what was done so far is in the journal. */
public final class WorkerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WorkerException(String message) {
    super(message);
  }
}
