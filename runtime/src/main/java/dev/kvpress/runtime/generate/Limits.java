package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;

/**
 * When a generation ends at the latest.
 *
 * @param maxTokens new tokens, at least 1
 * @param time from handing over to the end, making tokens of the prompt and waiting included; the
 *     text so far is the answer
 */
public record Limits(int maxTokens, Optional<Duration> time) {
  /** Checks the ranges. */
  public Limits {
    checkArgument(maxTokens >= 1, "max tokens must be at least 1, found %s", maxTokens);
    requireNonNull(time, "time is null");
    checkArgument(
        time.isEmpty() || time.get().compareTo(Duration.ZERO) > 0,
        "the time must be above 0, found %s",
        time);
  }
}
