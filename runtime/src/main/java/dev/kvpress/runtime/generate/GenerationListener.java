package dev.kvpress.runtime.generate;

/**
 * Is told about a generation, in order and one call at a time, on a thread of the generator that
 * others wait for: it must hand on and return. What it throws ends this generation alone.
 */
public interface GenerationListener {
  /** Hears nothing. */
  GenerationListener NONE = piece -> {};

  /** Text that has become certain. */
  void onPiece(TextPiece piece);

  /** The last call, where it has come to an end of any reason. */
  default void onEnd(Generation generation) {}

  /** The last call, where something has gone wrong. */
  default void onFailure(RuntimeException reason) {}
}
