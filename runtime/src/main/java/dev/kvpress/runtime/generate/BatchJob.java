package dev.kvpress.runtime.generate;

import dev.kvpress.runtime.decode.Batch;
import dev.kvpress.runtime.decode.BatchRequest;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.Ticket;
import dev.kvpress.runtime.decode.TokenResult;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Work that the batch does, on a prompt of its own or behind a context. */
abstract class BatchJob extends Job {
  private final Optional<Context> before;
  private volatile @Nullable Ticket ticket;
  private volatile boolean done;

  /**
   * Work to be done.
   *
   * @param before behind what; the job's to close until it begins
   */
  BatchJob(Optional<Duration> time, Optional<Context> before) {
    super(time);
    this.before = before;
  }

  /** What the batch is to do. */
  abstract BatchRequest request();

  /**
   * It has ended, in whatever way.
   *
   * @param from the ticket, whose context is the job's to close; empty where it never began
   */
  abstract void settled(TokenResult result, Optional<Ticket> from);

  /** It has failed. */
  abstract void failed(RuntimeException reason);

  @Override
  final void begin(Batch batch) {
    Ticket handed =
        before.isPresent() ? batch.goOn(request(), before.get()) : batch.submit(request());
    ticket = handed;
    var unused = handed.future().whenComplete((result, failure) -> end(handed, result, failure));
    // Who has asked meanwhile has not seen the ticket.
    if (asked().isPresent()) {
      handed.stop();
    }
  }

  private void end(Ticket handed, @Nullable TokenResult result, @Nullable Throwable failure) {
    done = true;
    if (result != null) {
      settled(result, Optional.of(handed));
    } else {
      failed(reason(failure));
    }
  }

  private static RuntimeException reason(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof RuntimeException reason
        ? reason
        : new IllegalStateException("the generation has been ended by " + cause, cause);
  }

  @Override
  void ask(FinishReason reason) {
    super.ask(reason);
    Ticket handed = ticket;
    if (handed != null) {
      handed.stop();
    }
  }

  @Override
  final boolean step() {
    return false;
  }

  @Override
  final boolean isDone() {
    return done;
  }

  @Override
  final void dismiss() {
    done = true;
    before.ifPresent(Context::close);
    settled(TokenResult.beforeAnswer(), Optional.empty());
  }

  @Override
  final void fail(RuntimeException reason) {
    if (done) {
      return;
    }
    done = true;
    if (ticket == null) {
      before.ifPresent(Context::close);
    }
    failed(reason);
  }
}
