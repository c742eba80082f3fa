package dev.kvpress.runtime.generate;

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
 */
public record Generation(
    String text,
    List<TokenScore> tokens,
    FinishReason reason,
    Optional<String> stop,
    Usage usage,
    Optional<KeptMap> kept,
    List<String> notices) {
  /** Takes copies. */
  public Generation {
    tokens = ImmutableList.copyOf(tokens);
    notices = ImmutableList.copyOf(notices);
  }
}
