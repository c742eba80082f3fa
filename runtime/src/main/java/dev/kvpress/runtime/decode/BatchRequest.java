package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.ModelPress;
import java.util.function.IntConsumer;
import java.util.function.IntPredicate;

/**
 * What one row of a batch is to generate. {@code choice}, {@code isEnd} and {@code onToken} are
 * called on the thread that drives the batch; what they throw ends this row alone.
 *
 * @param prompt token ids, at least one
 * @param press what cuts the row's cache
 * @param budget how much may stay
 * @param choice which token comes next
 * @param maxNewTokens at least 1
 * @param isEnd whether a token ends the text; it may be the first one already
 * @param onToken is told each new token as soon as it is known
 */
public record BatchRequest(
    ImmutableIntArray prompt,
    ModelPress press,
    Budget budget,
    TokenChoice choice,
    int maxNewTokens,
    IntPredicate isEnd,
    IntConsumer onToken) {
  /** Checks the ranges. */
  public BatchRequest {
    checkArgument(!prompt.isEmpty(), "a prompt must have at least one token");
    requireNonNull(press, "press is null");
    requireNonNull(budget, "budget is null");
    requireNonNull(choice, "choice is null");
    checkArgument(maxNewTokens >= 1, "max new tokens must be at least 1, found %s", maxNewTokens);
    requireNonNull(isEnd, "isEnd is null");
    requireNonNull(onToken, "onToken is null");
  }

  /** The likeliest tokens, as many as asked for. */
  public static BatchRequest greedy(
      int[] prompt, ModelPress press, Budget budget, int maxNewTokens) {
    return new BatchRequest(
        ImmutableIntArray.copyOf(prompt),
        press,
        budget,
        TokenChoice.GREEDY,
        maxNewTokens,
        id -> false,
        id -> {});
  }

  /** The same with tokens chosen in another way. */
  public BatchRequest choosing(TokenChoice other) {
    return new BatchRequest(prompt, press, budget, other, maxNewTokens, isEnd, onToken);
  }

  /** The same with tokens that end the text. */
  public BatchRequest endingAt(IntPredicate end) {
    return new BatchRequest(prompt, press, budget, choice, maxNewTokens, end, onToken);
  }

  /** The same with somebody who is told each new token. */
  public BatchRequest telling(IntConsumer listener) {
    return new BatchRequest(prompt, press, budget, choice, maxNewTokens, isEnd, listener);
  }
}
