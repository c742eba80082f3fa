package dev.kvpress.runtime.decode;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request whose prompt is being read, in a context of its own. */
final class Arrival implements AutoCloseable {
  private final DecoderModel model;
  private final Ticket ticket;
  private final Context context;
  private final Optional<PromptPasses> passes;
  private @Nullable BatchRow row;
  private final long startNanos = System.nanoTime();

  /**
   * Begins; where the prompt has passed already there is nothing to read.
   *
   * @throws RuntimeException if the model cannot do what is asked for
   */
  Arrival(DecoderModel model, Ticket ticket, int chunkSize) {
    BatchRequest request = ticket.request();
    int[] prompt = request.prompt().toArray();
    int positions = ticket.read().map(read -> read.context().nextPosition(0)).orElse(prompt.length);
    model.requirePress(
        request.press().getClass().getSimpleName(),
        request.press(),
        Math.addExact(positions, request.maxNewTokens()));
    this.model = model;
    this.ticket = ticket;
    if (ticket.read().isPresent()) {
      context = ticket.read().get().context();
      passes = Optional.empty();
      return;
    }
    context = model.start(1, request.press().needs()).allowFused(0);
    boolean done = false;
    try {
      passes = Optional.of(context.prompt(prompt, chunkSize));
      done = true;
    } finally {
      if (!done) {
        context.close();
      }
    }
  }

  Ticket ticket() {
    return ticket;
  }

  /** Reads one chunk. */
  void next() {
    passes.ifPresent(PromptPasses::next);
  }

  boolean isRead() {
    return passes.map(PromptPasses::isDone).orElse(true);
  }

  /** The row that the prompt has become; empty before {@link #cut}. */
  Optional<BatchRow> row() {
    return Optional.ofNullable(row);
  }

  /** Cuts the cache of the prompt, which has been read, and chooses the first token. */
  BatchRow cut() {
    long prefillNanos = System.nanoTime() - startNanos;
    BatchRequest request = ticket.request();
    PressCalls calls = new PressCalls(request.press(), request.budget());
    if (passes.isPresent()) {
      calls.compressPrompt(context);
    } else {
      calls.observeNoMoreThanNeeded(context);
    }
    Answer.Terms terms =
        new Answer.Terms(
            request.choice(), request.maxNewTokens(), request.isEnd(), request.onToken());
    Answer answer =
        new Answer(model, context, calls, terms, request.prompt().toArray(), prefillNanos);
    Logits last =
        passes.map(PromptPasses::logits).orElseGet(() -> ticket.read().orElseThrow().last());
    answer.choose(last, last.rows() - 1);
    BatchRow cut = new BatchRow(ticket, context, answer);
    row = cut;
    return cut;
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
