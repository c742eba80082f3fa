package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkState;

import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A request that was handed to a {@link Batch}, and its result to come. Safe for any thread. */
public final class Ticket {
  private final long id;
  private final BatchRequest request;
  private final Optional<Read> read;
  private final CompletableFuture<TokenResult> outcome = new CompletableFuture<>();

  /**
   * A prompt that has passed and was cut already.
   *
   * @param context the ticket's to close, until a row takes it
   * @param last logits of its last token
   */
  record Read(Context context, Logits last) {}

  Ticket(long id, BatchRequest request, Optional<Read> read) {
    this.id = id;
    this.request = request;
    this.read = read;
  }

  /** The prompt, where it has passed already. */
  Optional<Read> read() {
    return read;
  }

  /** Gives up what no row has taken. */
  void abandon() {
    outcome.cancel(false);
    read.ifPresent(prompt -> prompt.context().close());
  }

  /** Number of the request in its batch, from 0, in the order in which they were handed over. */
  public long id() {
    return id;
  }

  /** What was asked for. */
  public BatchRequest request() {
    return request;
  }

  /** Whether there is a result, or a reason why there is none. */
  public boolean isDone() {
    return outcome.isDone();
  }

  /**
   * Gives up: the row leaves before the next step of the batch. One token that is being computed
   * may still be told. Nothing happens once there is a result.
   */
  public void cancel() {
    outcome.cancel(false);
  }

  /** Whether the request was given up before there was a result. */
  public boolean isCancelled() {
    return outcome.isCancelled();
  }

  /**
   * The result.
   *
   * @throws IllegalStateException if there is none yet; step the batch, or wait on {@link #future}
   * @throws CancellationException if the request was given up, or the batch closed before its end
   * @throws RuntimeException what has ended the row
   */
  public TokenResult result() {
    checkState(isDone(), "request %s has no result yet; step the batch or wait on future()", id);
    try {
      return outcome.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException reason ? reason : e;
    }
  }

  /** Completes when there is a result, or a reason why there is none; to wait in other threads. */
  public CompletableFuture<TokenResult> future() {
    return outcome.copy();
  }

  void complete(TokenResult result) {
    outcome.complete(result);
  }

  void fail(RuntimeException reason) {
    outcome.completeExceptionally(reason);
  }
}
