package dev.kvpress.runtime.generate;

import java.util.concurrent.CompletableFuture;

/** A generation that runs. Safe for any thread. */
public interface Generating {
  /**
   * Gives up: nothing is passed through the model for it beyond the step that runs. The result has
   * the text so far and {@link FinishReason#CANCELLED}. Nothing happens once it has ended.
   */
  void cancel();

  /** Whether it has ended, in whatever way. */
  boolean isDone();

  /**
   * Waits for the end. An interrupted thread gives the generation up.
   *
   * @throws RuntimeException what has gone wrong
   */
  Generation join();

  /** Completes at the end; cancelling it does nothing to the generation. */
  CompletableFuture<Generation> future();
}
