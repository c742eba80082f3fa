package dev.kvpress.runtime.decode;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * What a press has done.
 *
 * @param pressNanos time within the press, without carrying out the edit and reading again
 * @param editNanos time of carrying out the edit
 * @param readingNanos time of the passes in which the context was read again
 * @param readTokens tokens that passed in these
 * @param removedTokens tokens removed, over rows, layers and KV heads
 * @param notices remarks of the press, each once
 */
public record EditSummary(
    long pressNanos,
    long editNanos,
    long readingNanos,
    long readTokens,
    long removedTokens,
    List<String> notices) {
  /** Takes a copy. */
  public EditSummary {
    notices = ImmutableList.copyOf(notices);
  }
}
