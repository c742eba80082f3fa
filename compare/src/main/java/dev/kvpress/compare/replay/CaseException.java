package dev.kvpress.compare.replay;

/** A case that cannot be run; the message names the field, what was expected and what was found. */
final class CaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CaseException(String message) {
    super(message.replaceAll("\\s*\\R\\s*", " "));
  }
}
