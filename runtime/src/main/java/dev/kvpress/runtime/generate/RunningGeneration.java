package dev.kvpress.runtime.generate;

import java.util.concurrent.CompletableFuture;

/** The handle of a text in the making. */
final class RunningGeneration implements Generating {
  private final Scheduler scheduler;
  private final TextJob job;

  RunningGeneration(Scheduler scheduler, TextJob job) {
    this.scheduler = scheduler;
    this.job = job;
  }

  @Override
  public void cancel() {
    job.ask(FinishReason.CANCELLED);
  }

  @Override
  public boolean isDone() {
    return job.outcome().isDone();
  }

  @Override
  public Generation join() {
    return Waiting.on(scheduler, job, job.outcome());
  }

  @Override
  public CompletableFuture<Generation> future() {
    return job.outcome().copy();
  }
}
