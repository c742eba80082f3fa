package dev.kvpress.runtime.text.jinja;

/** A template that cannot be read or rendered; the message says what in it, and on which line. */
public final class JinjaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean raised;

  JinjaException(String message) {
    this(message, false);
  }

  private JinjaException(String message, boolean raised) {
    super(message);
    this.raised = raised;
  }

  /** What a template refuses with its {@code raise_exception}. */
  static JinjaException raisedByTemplate(String message) {
    return new JinjaException(message, true);
  }

  static JinjaException notSupported(String what) {
    return new JinjaException(what + " is not supported");
  }

  /** Whether the template itself refused what it was given. */
  public boolean isRaisedByTemplate() {
    return raised;
  }

  JinjaException at(int line) {
    String message = String.valueOf(getMessage());
    if (raised || message.startsWith("line ")) {
      return this;
    }
    JinjaException placed = new JinjaException("line " + line + ": " + message);
    placed.initCause(this);
    return placed;
  }
}
