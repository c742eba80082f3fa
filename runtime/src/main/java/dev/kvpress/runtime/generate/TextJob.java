package dev.kvpress.runtime.generate;

import dev.kvpress.runtime.decode.BatchRequest;
import dev.kvpress.runtime.decode.Context;
import dev.kvpress.runtime.decode.Logits;
import dev.kvpress.runtime.decode.StopReason;
import dev.kvpress.runtime.decode.Ticket;
import dev.kvpress.runtime.decode.TokenListener;
import dev.kvpress.runtime.decode.TokenResult;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A text in the making: tokens of the batch become pieces for its listener. */
final class TextJob extends BatchJob implements TokenListener {
  private static final Logger LOG = LoggerFactory.getLogger(TextJob.class);

  private final TextOrder order;
  private final AnswerText text;
  private final GenerationListener listener;
  private final GenerationObserver observer;
  private final CompletableFuture<Generation> outcome = new CompletableFuture<>();
  private long firstTokenNanos;
  private int generated;
  private boolean endsByStop;
  private @Nullable TokenScore end;
  private Optional<KeptMap> kept = Optional.empty();

  /**
   * A text to be made.
   *
   * @param spent of its time already, for making tokens of the prompt
   */
  TextJob(
      TextOrder order,
      Duration spent,
      Optional<Context> before,
      GenerationListener listener,
      GenerationObserver observer) {
    super(order.limits().time().map(time -> time.minus(spent)), before);
    this.order = order;
    this.text = order.newText();
    this.listener = listener;
    this.observer = observer;
  }

  CompletableFuture<Generation> outcome() {
    return outcome;
  }

  @Override
  BatchRequest request() {
    BatchRequest request =
        new BatchRequest(
            order.prompt(),
            order.compression().press(),
            order.compression().budget(),
            order.positions(),
            order.choice(),
            order.limits().maxTokens(),
            this::ends,
            this,
            false);
    return order.turn().isPresent() ? request.keepingContext() : request;
  }

  private boolean ends(int id) {
    endsByStop = order.stops().tokens().contains(id);
    return endsByStop || (!order.stops().ignoreEnd() && order.words().endsText(id));
  }

  @Override
  public void onPrompt(Context context) {
    if (order.keptMap()) {
      kept = Optional.of(KeptTokens.of(context, order.allIds(), order.words()));
    }
    order.turn().ifPresent(turn -> turn.promptPassed(context));
  }

  @Override
  public boolean onToken(int id, Logits logits, int row) {
    if (generated == 0) {
      firstTokenNanos = elapsedNanos();
    }
    generated++;
    tell(text.add(id, logits, row));
    return !text.stopped() && asked().isEmpty();
  }

  @Override
  public void onEndToken(int id, Logits logits, int row) {
    if (generated == 0) {
      firstTokenNanos = elapsedNanos();
    }
    end = order.scored(id, logits, row);
  }

  private void tell(TextPiece piece) {
    if (!piece.isEmpty()) {
      listener.onPiece(piece);
    }
  }

  @Override
  void settled(TokenResult result, Optional<Ticket> from) {
    Generation generation;
    try {
      tell(text.end());
      generation = generation(result);
      order.turn().ifPresent(turn -> turn.settled(generation, result, from));
    } catch (RuntimeException | Error e) {
      from.flatMap(Ticket::context).ifPresent(Context::close);
      // Nobody else would hear of an error: the batch has done its part.
      failed(
          e instanceof RuntimeException reason
              ? reason
              : new IllegalStateException("a listener has ended with " + e, e));
      return;
    }
    guarded("observer", () -> observer.onEnd(generation));
    guarded("listener", () -> listener.onEnd(generation));
    outcome.complete(generation);
  }

  @Override
  void failed(RuntimeException reason) {
    LOG.warn("a generation has failed: {}", reason.toString());
    order.turn().ifPresent(ConversationTurn::undone);
    guarded("observer", () -> observer.onFailure(reason));
    guarded("listener", () -> listener.onFailure(reason));
    outcome.completeExceptionally(reason);
  }

  /** What comes last is said, whatever is thrown there. */
  private static void guarded(String who, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      LOG.warn("the {} of a generation has thrown when that was over", who, e);
    }
  }

  private Generation generation(TokenResult result) {
    Optional<TokenScore> last = Optional.ofNullable(end);
    return new Generation(
        text.text(),
        text.tokens(),
        reason(result.stopReason()),
        text.stop(),
        usage(result),
        kept,
        result.notices(),
        last.map(score -> score.at(text.text().length())));
  }

  private FinishReason reason(StopReason stop) {
    return switch (stop) {
      case END_TOKEN -> endsByStop ? FinishReason.STOP : FinishReason.END_TOKEN;
      case MAX_NEW_TOKENS -> text.stopped() ? FinishReason.STOP : FinishReason.MAX_TOKENS;
      case MAX_POSITIONS -> text.stopped() ? FinishReason.STOP : FinishReason.MAX_POSITIONS;
      case LISTENER, STOPPED ->
          text.stopped() ? FinishReason.STOP : asked().orElse(FinishReason.CANCELLED);
    };
  }

  private Usage usage(TokenResult result) {
    long total = elapsedNanos();
    long first = firstTokenNanos > 0 ? firstTokenNanos : total;
    long busy = result.prefillNanos() + result.pressNanos() + result.readingNanos();
    return new Usage(
        order.contextTokens(),
        order.prompt().length(),
        generated,
        result.seenTokens(),
        result.keptTokens(),
        result.logicalBytes(),
        result.physicalBytes(),
        order.fullBytes(result.seenTokens()),
        result.finalKeptTokens(),
        Math.max(0, first - busy),
        result.prefillNanos(),
        result.pressNanos(),
        result.readingNanos(),
        result.readTokens(),
        first,
        result.stepNanos().stream().sum());
  }
}
