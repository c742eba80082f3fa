package dev.kvpress.compare.serve.ask;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * What one request may ask for.
 *
 * @param maxTokens new tokens of an answer, at least 1
 * @param maxChoices answers of a request, prompts times n, at least 1
 * @param time of an answer, from its request on
 * @param vocabulary token ids that the model has, from 0 on
 */
public record AskLimits(int maxTokens, int maxChoices, Duration time, int vocabulary) {
  /** Checks the ranges. */
  public AskLimits {
    checkArgument(maxTokens >= 1, "maxTokens must be at least 1, found %s", maxTokens);
    checkArgument(maxChoices >= 1, "maxChoices must be at least 1, found %s", maxChoices);
    checkArgument(
        !time.isNegative() && !time.isZero(), "time must be more than nothing, found %s", time);
    checkArgument(vocabulary >= 1, "vocabulary must be at least 1, found %s", vocabulary);
  }

  /** Before it is known which ids the model has. */
  public AskLimits(int maxTokens, int maxChoices, Duration time) {
    this(maxTokens, maxChoices, time, Integer.MAX_VALUE);
  }

  /** The same for a model with so many ids. */
  public AskLimits withVocabulary(int ids) {
    return new AskLimits(maxTokens, maxChoices, time, ids);
  }
}
