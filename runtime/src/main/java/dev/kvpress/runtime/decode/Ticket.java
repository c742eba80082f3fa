package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkState;

import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A request that was handed to a {@link Batch}, and its result to come. Safe for any thread. */
public final class Ticket {
  private final long id;
  private final BatchRequest request;
  private final Optional<Begun> begun;
  private final CompletableFuture<TokenResult> outcome = new CompletableFuture<>();
  private volatile boolean stopped;
  private volatile @Nullable Context kept;
  private volatile @Nullable Logits last;

  /**
   * A context behind which a prompt stands.
   *
   * @param context the ticket's to close, until a row takes it
   * @param last logits of its last token, where the prompt is what it holds; empty where the prompt
   *     is to be passed behind it
   */
  record Begun(Context context, Optional<Logits> last) {}

  Ticket(long id, BatchRequest request, Optional<Begun> begun) {
    this.id = id;
    this.request = request;
    this.begun = begun;
  }

  /** What has passed already, if anything has. */
  Optional<Begun> begun() {
    return begun;
  }

  /** Gives up what no row has taken. */
  void abandon() {
    outcome.cancel(false);
    begun.ifPresent(before -> before.context().close());
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
   * Ends the answer before the next step of the batch; the result has what was written up to then
   * and {@link StopReason#STOPPED}. Nothing happens once there is a result.
   */
  public void stop() {
    stopped = true;
  }

  /** Whether {@link #stop} was called. */
  boolean isStopped() {
    return stopped;
  }

  /** Whether the batch is to do nothing more for it. */
  boolean isUnwanted() {
    return stopped || isCancelled();
  }

  /**
   * The result.
   *
   * @throws IllegalStateException if there is none yet; step the batch, or wait on {@link #future}
   * @throws CancellationException if the request was given up, or the batch closed before its end
   * @throws RuntimeException what has ended the row; an {@link Error} as the cause of one
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

  /**
   * Where there is a result: the context of a request that keeps it, the caller's to close. The
   * answer's last token has passed only if an end token came behind it. Empty where the prompt was
   * not read to its end.
   */
  public Optional<Context> context() {
    return Optional.ofNullable(kept);
  }

  /** Logits of the last token of a prompt that was read alone, with {@link #context()}. */
  public Optional<Logits> last() {
    return Optional.ofNullable(last);
  }

  void complete(TokenResult result) {
    outcome.complete(result);
  }

  /**
   * Completes with a context, which is the caller's then if the request keeps it.
   *
   * @param logits of its last token, where they are known
   * @return whether the context is the caller's
   */
  boolean complete(TokenResult result, Context context, Optional<Logits> logits) {
    if (!request.keepsContext()) {
      complete(result);
      return false;
    }
    kept = context;
    last = logits.orElse(null);
    if (outcome.complete(result)) {
      return true;
    }
    kept = null;
    return false;
  }

  void fail(Throwable reason) {
    outcome.completeExceptionally(reason);
  }
}
