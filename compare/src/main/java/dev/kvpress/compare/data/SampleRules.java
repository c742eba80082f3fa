package dev.kvpress.compare.data;

import java.util.OptionalInt;

/**
 * What a model and the command line allow a sample to be.
 *
 * @param vocabularySize number of token ids of the model, V
 * @param positions longest sequence the model takes; empty where it sets no bound
 * @param maxLength {@code --max-length}: documents are cut to it; at least 2, not beyond the
 *     positions
 * @param contextTokens {@code --context-tokens}: where the context ends in documents that do not
 *     say so themselves; at least 1, and room for one more token must remain
 */
public record SampleRules(
    int vocabularySize, OptionalInt positions, OptionalInt maxLength, OptionalInt contextTokens) {
  /** Checks the ranges. */
  public SampleRules {
    if (vocabularySize < 1) {
      throw new IllegalArgumentException(
          "vocabularySize must be at least 1, found " + vocabularySize);
    }
    if (maxLength.orElse(2) < 2) {
      throw new IllegalArgumentException(
          "--max-length: expected at least 2 (context and continuation), found "
              + maxLength.getAsInt());
    }
    if (contextTokens.orElse(1) < 1) {
      throw new IllegalArgumentException(
          "--context-tokens: expected at least 1, found " + contextTokens.getAsInt());
    }
    if (positions.isPresent()
        && maxLength.isPresent()
        && maxLength.getAsInt() > positions.getAsInt()) {
      throw new IllegalArgumentException(
          "--max-length: expected at most the model's "
              + positions.getAsInt()
              + " positions, found "
              + maxLength.getAsInt()
              + "; lower it, or let texts go further with --beyond-trained");
    }
    int limit = Math.min(maxLength.orElse(Integer.MAX_VALUE), positions.orElse(Integer.MAX_VALUE));
    if (contextTokens.isPresent() && contextTokens.getAsInt() >= limit) {
      throw new IllegalArgumentException(
          "--context-tokens: expected less than "
              + (maxLength.isPresent()
                  ? "--max-length " + limit
                  : "the model's " + limit + " positions")
              + ", so that a continuation remains, found "
              + contextTokens.getAsInt());
    }
  }

  /** Most tokens of a sample. */
  public int limit() {
    return Math.min(maxLength.orElse(Integer.MAX_VALUE), positions.orElse(Integer.MAX_VALUE));
  }

  /** What sets {@link #limit}, for messages. */
  public String limitName() {
    return maxLength.isPresent() ? "--max-length" : "the model's positions";
  }
}
