package dev.kvpress.runtime.generate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Hands pieces to a subscriber as it asks for them. What it has not asked for yet is joined to one
 * piece, so that a slow subscriber holds no more than the text itself. Signals follow one after
 * another, on the thread that generates or on the one that asks for more.
 */
final class TextSubscription implements Flow.Subscription, GenerationListener {
  private final Flow.Subscriber<? super TextPiece> subscriber;
  private final Object lock = new Object();
  private final StringBuilder text = new StringBuilder();
  private final List<TokenScore> tokens = new ArrayList<>();
  private long wanted;
  private boolean ended;
  private @Nullable Throwable failure;
  private boolean over;
  private boolean draining;
  private Optional<Generating> generating = Optional.empty();

  TextSubscription(Flow.Subscriber<? super TextPiece> subscriber) {
    this.subscriber = subscriber;
  }

  /** Tells the subscriber of it and begins to generate, unless it was cancelled at once. */
  void begin(Function<GenerationListener, Generating> start) {
    subscriber.onSubscribe(this);
    synchronized (lock) {
      if (over) {
        return;
      }
    }
    try {
      Generating begun = start.apply(this);
      boolean unwanted;
      synchronized (lock) {
        generating = Optional.of(begun);
        unwanted = over;
      }
      if (unwanted) {
        begun.cancel();
      }
    } catch (RuntimeException e) {
      onFailure(e);
    }
  }

  @Override
  public void request(long count) {
    synchronized (lock) {
      if (count < 1) {
        failure =
            new IllegalArgumentException(
                "a subscriber must ask for at least 1 piece, found " + count);
        ended = true;
        text.setLength(0);
        tokens.clear();
      } else {
        wanted = wanted + count < 0 ? Long.MAX_VALUE : wanted + count;
      }
    }
    if (count < 1) {
      giveUp();
    }
    drain();
  }

  @Override
  public void cancel() {
    synchronized (lock) {
      over = true;
    }
    giveUp();
  }

  private void giveUp() {
    Optional<Generating> begun;
    synchronized (lock) {
      begun = generating;
    }
    begun.ifPresent(Generating::cancel);
  }

  @Override
  public void onPiece(TextPiece piece) {
    synchronized (lock) {
      if (ended) {
        return;
      }
      text.append(piece.text());
      tokens.addAll(piece.tokens());
    }
    drain();
  }

  @Override
  public void onEnd(Generation generation) {
    synchronized (lock) {
      ended = true;
    }
    drain();
  }

  @Override
  public void onFailure(RuntimeException reason) {
    synchronized (lock) {
      if (!ended) {
        ended = true;
        failure = reason;
      }
    }
    drain();
  }

  /** Hands on what may be handed on; one thread at a time, others leave it to that one. */
  private void drain() {
    synchronized (lock) {
      if (draining) {
        return;
      }
      draining = true;
    }
    boolean done = false;
    try {
      boolean more = true;
      while (more) {
        more = next();
      }
      done = true;
    } finally {
      if (!done) {
        // The subscriber has thrown; it is told nothing more.
        synchronized (lock) {
          over = true;
          draining = false;
        }
        giveUp();
      }
    }
  }

  private boolean next() {
    TextPiece piece;
    Throwable reason;
    synchronized (lock) {
      boolean some = text.length() > 0 || !tokens.isEmpty();
      if (over || (some ? wanted == 0 : !ended)) {
        draining = false;
        return false;
      }
      piece = some ? taken() : null;
      reason = failure;
      over = !some;
    }
    if (piece != null) {
      subscriber.onNext(piece);
    } else if (reason != null) {
      subscriber.onError(reason);
    } else {
      subscriber.onComplete();
    }
    return true;
  }

  private TextPiece taken() {
    TextPiece piece = new TextPiece(text.toString(), tokens);
    text.setLength(0);
    tokens.clear();
    if (wanted < Long.MAX_VALUE) {
      wanted--;
    }
    return piece;
  }
}
