package dev.kvpress.runtime.graph.matrix;

/**
 * A product whose weight is no constant matrix in a form that is understood; says which and why.
 */
public final class UnreadableMatrix extends Exception {
  private static final long serialVersionUID = 1L;

  UnreadableMatrix(String reason) {
    super(reason);
  }

  /** The message, which is always there. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
