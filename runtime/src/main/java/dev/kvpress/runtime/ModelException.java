package dev.kvpress.runtime;

import org.jspecify.annotations.Nullable;

/**
 * A model, checkpoint, graph or data file that cannot be used.
 *
 * <p>The message is one line and already names the file, the place in it, what was expected and
 * what was found, so that a command can print it as it is.
 */
public final class ModelException extends RuntimeException {

  /**
   * @param message one line with file and place; line breaks are replaced
   */
  public ModelException(String message) {
    this(message, null);
  }

  /**
   * @param message one line with file and place; line breaks are replaced
   * @param cause what made the file unusable, or null
   */
  public ModelException(String message, @Nullable Throwable cause) {
    super(message.replaceAll("\\s*\\R\\s*", " "), cause);
  }
}
