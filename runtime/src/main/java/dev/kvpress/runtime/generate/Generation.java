package dev.kvpress.runtime.generate;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;

/**
 * What was generated.
 *
 * @param text whole; without what stopped it
 * @param tokens new tokens whose text begins in it, without an end token
 * @param reason why there is no more
 * @param stop the stop string that ended it, where one did
 * @param usage what it took
 * @param kept where it was asked for
 * @param notices remarks of the press, each once
 * @param end the token that ended it, one of the model's or of the request, where one did; with its
 *     log-probability where these were asked for
 */
public record Generation(
    String text,
    List<TokenScore> tokens,
    FinishReason reason,
    Optional<String> stop,
    Usage usage,
    Optional<KeptMap> kept,
    List<String> notices,
    Optional<TokenScore> end) {
  /** Takes copies. */
  public Generation {
    requireNonNull(text, "text is null");
    tokens = ImmutableList.copyOf(tokens);
    requireNonNull(reason, "reason is null");
    requireNonNull(stop, "stop is null");
    requireNonNull(usage, "usage is null");
    requireNonNull(kept, "kept is null");
    notices = ImmutableList.copyOf(notices);
    requireNonNull(end, "end is null");
  }
}
