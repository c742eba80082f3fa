package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.runtime.cache.position.Positions;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * What one row of a batch is to generate. {@code choice}, {@code isEnd} and {@code listener} are
 * called on the thread that drives the batch; what they throw ends this row alone.
 *
 * @param prompt token ids, at least one
 * @param press what cuts the row's cache
 * @param budget how much may stay
 * @param positions where its tokens stand; behind a context as they do there
 * @param choice which token comes next
 * @param maxNewTokens at least 1; or 0 to read the prompt alone and keep its context
 * @param isEnd whether a token ends the text; it may be the first one already
 * @param listener is told each new token as soon as it is known
 * @param keepsContext whether the context is the caller's at the end, see {@link Ticket#context()};
 *     such a row passes by itself, so that its cache lies in memory of its own
 */
public record BatchRequest(
    ImmutableIntArray prompt,
    ModelPress press,
    Budget budget,
    Positions positions,
    TokenChoice choice,
    int maxNewTokens,
    IntPredicate isEnd,
    TokenListener listener,
    boolean keepsContext) {
  /** Checks the ranges. */
  public BatchRequest {
    checkArgument(!prompt.isEmpty(), "a prompt must have at least one token");
    requireNonNull(press, "press is null");
    requireNonNull(budget, "budget is null");
    requireNonNull(positions, "positions is null");
    requireNonNull(choice, "choice is null");
    checkArgument(
        maxNewTokens >= (keepsContext ? 0 : 1),
        "max new tokens must be at least 1 (0 to keep the context alone), found %s",
        maxNewTokens);
    requireNonNull(isEnd, "isEnd is null");
    requireNonNull(listener, "listener is null");
  }

  /** The likeliest tokens, as many as asked for. */
  public static BatchRequest greedy(
      int[] prompt, ModelPress press, Budget budget, int maxNewTokens) {
    return new BatchRequest(
        ImmutableIntArray.copyOf(prompt),
        press,
        budget,
        Positions.TRUE,
        TokenChoice.GREEDY,
        maxNewTokens,
        id -> false,
        TokenListener.NONE,
        false);
  }

  /** No tokens: the prompt is read and cut, and its context is the caller's. */
  public static BatchRequest reading(int[] prompt, ModelPress press, Budget budget) {
    return new BatchRequest(
        ImmutableIntArray.copyOf(prompt),
        press,
        budget,
        Positions.TRUE,
        TokenChoice.GREEDY,
        0,
        id -> false,
        TokenListener.NONE,
        true);
  }

  /** The same with tokens at other positions. */
  public BatchRequest at(Positions other) {
    return new BatchRequest(
        prompt, press, budget, other, choice, maxNewTokens, isEnd, listener, keepsContext);
  }

  /** The same with tokens chosen in another way. */
  public BatchRequest choosing(TokenChoice other) {
    return new BatchRequest(
        prompt, press, budget, positions, other, maxNewTokens, isEnd, listener, keepsContext);
  }

  /** The same with tokens that end the text. */
  public BatchRequest endingAt(IntPredicate end) {
    return new BatchRequest(
        prompt, press, budget, positions, choice, maxNewTokens, end, listener, keepsContext);
  }

  /** The same with somebody who is told each new token. */
  public BatchRequest telling(IntConsumer other) {
    return tellingAll(
        (id, logits, row) -> {
          other.accept(id);
          return true;
        });
  }

  /** The same with somebody who is told of everything. */
  public BatchRequest tellingAll(TokenListener other) {
    return new BatchRequest(
        prompt, press, budget, positions, choice, maxNewTokens, isEnd, other, keepsContext);
  }

  /** The same with a context that is the caller's at the end. */
  public BatchRequest keepingContext() {
    return new BatchRequest(
        prompt, press, budget, positions, choice, maxNewTokens, isEnd, listener, true);
  }
}
