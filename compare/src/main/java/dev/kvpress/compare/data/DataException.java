package dev.kvpress.compare.data;

/**
 * A data file is not what it should be. The message is one line that names the file and line, what
 * was expected, what was found and what to do.
 */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Line breaks in the message become spaces. */
  public DataException(String message) {
    super(oneLine(message));
  }

  /** Line breaks in the message become spaces. */
  public DataException(String message, Throwable cause) {
    super(oneLine(message), cause);
  }

  private static String oneLine(String message) {
    return message.replaceAll("\\s*\\R\\s*", " ");
  }
}
