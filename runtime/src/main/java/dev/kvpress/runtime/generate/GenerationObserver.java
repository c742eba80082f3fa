package dev.kvpress.runtime.generate;

/** Is told of all generations of a generator, for meters. Called from its threads; must return. */
public interface GenerationObserver {
  /** Sees nothing. */
  GenerationObserver NONE = new GenerationObserver() {};

  /** One was handed over. */
  default void onSubmit() {}

  /** One has ended with a text. */
  default void onEnd(Generation generation) {}

  /** One has failed. */
  default void onFailure(RuntimeException reason) {}

  /** One was refused since too many waited. */
  default void onBusy() {}
}
