package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkElementIndex;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** An answer in the making: what comes next, and what it has taken so far. */
final class Answer {
  private final DecoderModel model;
  private final Context context;
  private final PressCalls calls;
  private final Terms terms;
  private final TokenHistory text;
  private final long prefillNanos;
  private final long promptPressNanos;
  private final long readingNanos;
  private final long readTokens;
  private final long seen;
  private final long kept;
  private final long logical;
  private final long physical;
  private final ImmutableLongArray.Builder steps = ImmutableLongArray.builder();
  private int next;
  private @Nullable Logits from;
  private int row;

  /**
   * How tokens are chosen and when there are enough.
   *
   * @param isEnd whether a token ends the text
   * @param listener is told each new token as soon as it is known
   */
  record Terms(TokenChoice choice, int maxNewTokens, IntPredicate isEnd, TokenListener listener) {}

  /**
   * Begins where a prompt has passed and its cache was cut.
   *
   * @param calls those that have cut it
   * @param prompt all tokens that have passed
   */
  Answer(
      DecoderModel model,
      Context context,
      PressCalls calls,
      Terms terms,
      int[] prompt,
      long prefillNanos) {
    this.model = model;
    this.context = context;
    this.calls = calls;
    this.terms = terms;
    this.text = new TokenHistory(prompt);
    this.prefillNanos = prefillNanos;
    promptPressNanos = calls.nanos();
    readingNanos = calls.readingNanos();
    readTokens = calls.readTokens();
    seen = context.seenTokens();
    kept = context.keptTokens();
    logical = context.logicalBytes();
    physical = context.physicalBytes();
  }

  /**
   * Goes on with a context of its own until something ends it.
   *
   * @param last logits of the last token that has passed
   */
  TokenResult run(Logits last) {
    choose(last, last.rows() - 1);
    Optional<StopReason> end = tell();
    while (end.isEmpty()) {
      long start = System.nanoTime();
      choose(context.forward(next), 0);
      cut();
      stepped(System.nanoTime() - start);
      end = tell();
    }
    return result(end.get());
  }

  /** Chooses the next token, of which nobody knows yet. */
  void choose(Logits logits, int row) {
    next = terms.choice().choose(logits, row, text);
    checkElementIndex(next, logits.vocabulary(), "the token chosen");
    from = logits;
    this.row = row;
  }

  /** Asks the press about the step that has just passed. */
  void cut() {
    calls.compressStep(context);
  }

  void stepped(long nanos) {
    steps.add(nanos);
  }

  /** Tells the chosen token; a reason if it is the last one, or ends the text. */
  Optional<StopReason> tell() {
    Logits logits = requireNonNull(from, "no token was chosen");
    // Those of a pass are many; nobody needs them once the token is told.
    from = null;
    if (terms.isEnd().test(next)) {
      terms.listener().onEndToken(next, logits, row);
      return Optional.of(StopReason.END_TOKEN);
    }
    text.add(next);
    if (!terms.listener().onToken(next, logits, row)) {
      return Optional.of(StopReason.LISTENER);
    }
    if (text.chosen() == terms.maxNewTokens()) {
      return Optional.of(StopReason.MAX_NEW_TOKENS);
    }
    return positionsLeft(model, context) < 1
        ? Optional.of(StopReason.MAX_POSITIONS)
        : Optional.empty();
  }

  /** The token to pass next. */
  int next() {
    return next;
  }

  /** Passes of one token that are left at most. */
  int stepsLeft() {
    return Math.min(terms.maxNewTokens() - text.chosen(), positionsLeft(model, context));
  }

  /** Positions that are left for further tokens. */
  static int positionsLeft(DecoderModel model, Context context) {
    int end = model.info().maxPositions().orElse(Integer.MAX_VALUE);
    return end - context.nextPosition(0);
  }

  TokenResult result(StopReason reason) {
    return new TokenResult(
        ImmutableIntArray.copyOf(text.chosenIds()),
        reason,
        prefillNanos,
        promptPressNanos,
        readingNanos,
        readTokens,
        steps.build(),
        seen,
        kept,
        logical,
        physical,
        context.keptTokens(),
        calls.notices());
  }
}
