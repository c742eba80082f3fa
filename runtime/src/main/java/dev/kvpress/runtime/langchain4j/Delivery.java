package dev.kvpress.runtime.langchain4j;

import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import dev.kvpress.runtime.generate.Generating;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.GenerationListener;
import dev.kvpress.runtime.generate.TextPiece;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands one generation to a handler on other threads than the generator's, which must not wait. The
 * handler hears of one thing at a time, and of one end at most.
 */
final class Delivery implements GenerationListener, StreamingHandle {
  /** Threads that end by themselves once nothing is told. */
  static final Executor THREADS =
      Executors.newCachedThreadPool(
          new ThreadFactoryBuilder().setNameFormat("kvpress-handler-%d").setDaemon(true).build());

  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  private final Executor inOrder;
  private final Receiver receiver;
  private @Nullable Generating generating;
  private volatile boolean cancelled;

  /** Whether the end was told; touched in order only. */
  private boolean ended;

  /** Who is told. */
  interface Receiver {
    /** Some text, not empty. */
    void text(String text, StreamingHandle handle);

    /** All of it. */
    void end(Generation generation);

    /** What has gone wrong. */
    void error(Throwable reason);
  }

  Delivery(Executor executor, Receiver receiver) {
    this.inOrder = MoreExecutors.newSequentialExecutor(executor);
    this.receiver = receiver;
  }

  /** Begins; what goes wrong already then is told as well. */
  void begin(Function<GenerationListener, Generating> start) {
    try {
      started(start.apply(this));
    } catch (RuntimeException e) {
      onFailure(e);
    }
  }

  private synchronized void started(Generating begun) {
    generating = begun;
    if (cancelled) {
      begun.cancel();
    }
  }

  @Override
  public synchronized void cancel() {
    cancelled = true;
    if (generating != null) {
      generating.cancel();
    }
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void onPiece(TextPiece piece) {
    if (!piece.text().isEmpty()) {
      inOrder.execute(() -> tell(() -> receiver.text(piece.text(), this)));
    }
  }

  @Override
  public void onEnd(Generation generation) {
    inOrder.execute(
        () ->
            tell(
                () -> {
                  ended = true;
                  receiver.end(generation);
                }));
  }

  @Override
  public void onFailure(RuntimeException reason) {
    inOrder.execute(
        () -> {
          if (!ended && !cancelled) {
            error(Outcomes.fault(reason));
          }
        });
  }

  /** Tells something, unless it is over; what the handler throws ends it. */
  private void tell(Runnable call) {
    if (ended || cancelled) {
      return;
    }
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      cancel();
      error(e);
    }
  }

  private void error(Throwable reason) {
    ended = true;
    try {
      receiver.error(reason);
    } catch (RuntimeException | Error e) {
      LOG.warn("a handler has thrown when it was told of an error", e);
    }
  }
}
