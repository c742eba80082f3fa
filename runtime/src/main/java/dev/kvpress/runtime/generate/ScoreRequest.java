package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.OptionalInt;

/**
 * What tokens are to be scored, and over which cache.
 *
 * @param prompt whose tokens are scored
 * @param compression what cuts the cache
 * @param contextTokens tokens that are read and cut before the others pass over what is left of
 *     them; their own scores are those of the full cache, and so is that of the first behind them,
 *     which the last of them predicts. Empty: a press that cuts is asked after every token, so that
 *     each is scored over the cache of those before it as it is cut then
 * @param alternatives likeliest tokens to report in the place of each
 */
public record ScoreRequest(
    Prompt prompt, Compression compression, OptionalInt contextTokens, int alternatives) {
  /** Checks the ranges. */
  public ScoreRequest {
    requireNonNull(prompt, "prompt is null");
    requireNonNull(compression, "compression is null");
    checkArgument(
        contextTokens.isEmpty() || contextTokens.getAsInt() >= 1,
        "context tokens must be at least 1, found %s",
        contextTokens);
    checkArgument(alternatives >= 0, "alternatives must not be negative, found %s", alternatives);
  }

  /** Scores a prompt over the full cache. */
  public static ScoreRequest of(Prompt prompt) {
    return new ScoreRequest(prompt, Compression.NONE, OptionalInt.empty(), 0);
  }

  /** The same on a cache that is cut. */
  public ScoreRequest compressedBy(Compression other) {
    return new ScoreRequest(prompt, other, contextTokens, alternatives);
  }

  /** The same with a context that is read and cut first. */
  public ScoreRequest behindContextOf(int tokens) {
    return new ScoreRequest(prompt, compression, OptionalInt.of(tokens), alternatives);
  }

  /** The same with so many likeliest tokens in the place of each. */
  public ScoreRequest withAlternatives(int other) {
    return new ScoreRequest(prompt, compression, contextTokens, other);
  }
}
