package dev.kvpress.compare.run;

/** Says in one line why something failed. */
public final class Reasons {
  private Reasons() {}

  /** The message, or the kind of failure where there is no message. */
  public static String of(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? failure.getClass().getSimpleName()
        : message.replaceAll("\\s*\\R\\s*", " ");
  }
}
