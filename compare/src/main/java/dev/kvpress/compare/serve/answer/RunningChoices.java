package dev.kvpress.compare.serve.answer;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.kvpress.runtime.generate.Generating;
import dev.kvpress.runtime.generate.Generation;
import dev.kvpress.runtime.generate.GenerationListener;
import dev.kvpress.runtime.generate.GenerationRequest;
import dev.kvpress.runtime.generate.Generator;
import dev.kvpress.runtime.generate.TextPiece;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Several answers that are written at once. Their pieces wait in a queue for whoever sends them; a
 * queue that has grown beyond its bound, since nobody takes anything, gives all of them up.
 */
final class RunningChoices {
  /** Characters that may wait, a token with its likeliest neighbours counting as some of them. */
  private static final long MOST_WAITING = 1 << 20;

  private static final int CHARACTERS_PER_TOKEN = 64;
  private static final int CHARACTERS_PER_ALTERNATIVE = 16;

  private final BlockingQueue<ChoiceEvent> events = new LinkedBlockingQueue<>();
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicBoolean overflown = new AtomicBoolean();
  private final List<Generating> running = new CopyOnWriteArrayList<>();

  private RunningChoices() {}

  /**
   * Begins all of them, or none.
   *
   * @param pieces whether pieces are wanted beside the end
   * @throws RuntimeException what {@link Generator#start} throws
   */
  static RunningChoices start(
      Generator generator, List<GenerationRequest> requests, boolean pieces) {
    RunningChoices choices = new RunningChoices();
    try {
      for (int i = 0; i < requests.size(); i++) {
        choices.running.add(generator.start(requests.get(i), choices.listener(i, pieces)));
      }
    } catch (RuntimeException e) {
      choices.cancel();
      throw e;
    }
    if (choices.overflown.get()) {
      choices.cancel();
    }
    return choices;
  }

  private GenerationListener listener(int choice, boolean pieces) {
    return new GenerationListener() {
      @Override
      public void onPiece(TextPiece piece) {
        if (pieces) {
          put(choice, piece);
        }
      }

      @Override
      public void onEnd(Generation generation) {
        events.add(new ChoiceEvent.End(choice, generation));
      }

      @Override
      public void onFailure(RuntimeException reason) {
        events.add(new ChoiceEvent.Failure(choice, reason));
      }
    };
  }

  private void put(int choice, TextPiece piece) {
    if (waiting.addAndGet(weight(piece)) > MOST_WAITING) {
      overflown.set(true);
      cancel();
    }
    if (!overflown.get()) {
      events.add(new ChoiceEvent.Piece(choice, piece));
    }
  }

  private static long weight(TextPiece piece) {
    long weight = piece.text().length();
    for (var token : piece.tokens()) {
      weight +=
          CHARACTERS_PER_TOKEN + (long) CHARACTERS_PER_ALTERNATIVE * token.alternatives().size();
    }
    return weight;
  }

  /** What happens next; empty if nothing does for so long. */
  Optional<ChoiceEvent> next(Duration wait) throws InterruptedException {
    return taken(events.poll(wait.toNanos(), NANOSECONDS));
  }

  /** What has happened already. */
  Optional<ChoiceEvent> next() {
    return taken(events.poll());
  }

  private Optional<ChoiceEvent> taken(@Nullable ChoiceEvent event) {
    if (event instanceof ChoiceEvent.Piece piece) {
      waiting.addAndGet(-weight(piece.piece()));
    }
    return Optional.ofNullable(event);
  }

  /** Whether text was lost, since nobody took it. */
  boolean hasOverflown() {
    return overflown.get();
  }

  /** Gives up whatever has not ended. */
  void cancel() {
    running.forEach(Generating::cancel);
  }
}
