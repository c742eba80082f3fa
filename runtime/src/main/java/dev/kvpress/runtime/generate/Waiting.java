package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkState;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for work. */
final class Waiting {
  private Waiting() {}

  /**
   * Waits for the outcome of a job. An interrupted thread gives the job up, waits for its end, and
   * is interrupted still.
   *
   * @throws IllegalStateException if the thread is the one that does the work
   * @throws RuntimeException what has gone wrong
   */
  static <T> T on(Scheduler scheduler, Job job, CompletableFuture<T> outcome) {
    checkState(
        outcome.isDone() || !scheduler.isDriver(),
        "a listener waits for a generation, but it is called by the thread that generates; hand the work to another thread");
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return outcome.get();
        } catch (InterruptedException e) {
          interrupted = true;
          job.ask(FinishReason.CANCELLED);
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException reason) {
        throw reason;
      }
      throw new IllegalStateException("the work has failed", e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
