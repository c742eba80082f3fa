package dev.kvpress.presses.spec;

/** A press was named or configured wrongly; the message is one line for the user. */
public final class PressSpecException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** With the message for the user. */
  public PressSpecException(String message) {
    super(message);
  }
}
