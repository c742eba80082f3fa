package dev.kvpress.runtime.generate;

/** Too many requests wait already; later there may be room. */
public final class BusyException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** Says how many wait. */
  public BusyException(int waiting) {
    super("%d requests wait already; ask again later".formatted(waiting));
  }
}
