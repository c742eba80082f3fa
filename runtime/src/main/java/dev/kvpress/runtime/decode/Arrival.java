package dev.kvpress.runtime.decode;

import com.google.common.primitives.Ints;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request whose prompt is being read, in a context of its own. */
final class Arrival implements AutoCloseable {
  private final DecoderModel model;
  private final Ticket ticket;
  private final Context context;
  private final PressCalls calls;
  private final ArrivalReading reading;
  private final long startNanos = System.nanoTime();
  private int[] before = {};
  private @Nullable BatchRow row;

  /**
   * Begins; where the prompt has passed already there is nothing to read.
   *
   * @throws RuntimeException if the model cannot do what is asked for
   */
  Arrival(DecoderModel model, Ticket ticket, int chunkSize) {
    BatchRequest request = ticket.request();
    this.model = model;
    this.ticket = ticket;
    calls = new PressCalls(request.press(), request.budget());
    requirePress();
    if (ticket.begun().isEmpty()) {
      context = model.start(1, request.press().needs(), request.positions()).allowFused(0);
    } else {
      context = ticket.begun().get().context();
    }
    boolean done = false;
    try {
      reading = reading(chunkSize);
      done = true;
    } finally {
      // A context that has begun is the ticket's to close.
      if (!done && ticket.begun().isEmpty()) {
        context.close();
      }
    }
  }

  private void requirePress() {
    BatchRequest request = ticket.request();
    int prompt = request.prompt().length();
    int end =
        ticket
            .begun()
            .map(b -> b.context().nextPosition(0) + (b.last().isPresent() ? 0 : prompt))
            .orElse(prompt);
    model.requirePress(
        request.press().getClass().getSimpleName(),
        request.press(),
        Ints.saturatedCast((long) end + request.maxNewTokens()),
        ticket.begun().map(b -> b.context().positions()).orElse(request.positions()));
  }

  private ArrivalReading reading(int chunkSize) {
    int[] prompt = ticket.request().prompt().toArray();
    if (ticket.begun().isEmpty()) {
      return ArrivalReading.ofPrompt(context.prompt(prompt, chunkSize), context, calls);
    }
    Optional<Logits> last = ticket.begun().get().last();
    if (last.isPresent()) {
      return ArrivalReading.nothing(last.get(), context, calls);
    }
    before = context.ids().toArray();
    return ArrivalReading.behind(context, prompt, chunkSize, calls);
  }

  Ticket ticket() {
    return ticket;
  }

  /** Reads one chunk. */
  void next() {
    reading.next();
  }

  boolean isRead() {
    return reading.isDone();
  }

  /** The row that the prompt has become; empty before {@link #cut}. */
  Optional<BatchRow> row() {
    return Optional.ofNullable(row);
  }

  /** Whether nothing is to be written behind the prompt. */
  boolean readsOnly() {
    return ticket.request().maxNewTokens() == 0;
  }

  /** Cuts the cache of the prompt, which has been read, and chooses the first token. */
  BatchRow cut() {
    long prefillNanos = elapsedNanos() - calls.nanos() - calls.readingNanos();
    reading.end();
    BatchRequest request = ticket.request();
    request.listener().onPrompt(context);
    Answer.Terms terms =
        new Answer.Terms(
            request.choice(), request.maxNewTokens(), request.isEnd(), request.listener());
    int[] text = Ints.concat(before, request.prompt().toArray());
    Answer answer = new Answer(model, context, calls, terms, text, prefillNanos);
    if (!readsOnly()) {
      Logits last = reading.logits();
      answer.choose(last, last.rows() - 1);
    }
    BatchRow cut = new BatchRow(ticket, context, answer);
    row = cut;
    return cut;
  }

  /** Logits of the last token of the prompt, once it has been read. */
  Logits logits() {
    return reading.logits();
  }

  /** What is to be said of it where it was stopped. */
  TokenResult stopped() {
    return row == null
        ? TokenResult.beforeAnswer(elapsedNanos())
        : row.answer().result(StopReason.STOPPED);
  }

  private long elapsedNanos() {
    return System.nanoTime() - startNanos;
  }

  /** Bytes of its cache; memory for a whole prompt is taken at once. */
  long physicalBytes() {
    long prompt = (long) ticket.request().prompt().length() * model.cacheBytesPerToken();
    return row == null ? Math.max(prompt, context.physicalBytes()) : context.physicalBytes();
  }

  @Override
  public void close() {
    context.close();
  }
}
