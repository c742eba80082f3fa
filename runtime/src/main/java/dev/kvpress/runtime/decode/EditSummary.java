package dev.kvpress.runtime.decode;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * What a press has done.
 *
 * @param pressNanos time within the press, without carrying out the edit
 * @param editNanos time of carrying out the edit
 * @param removedTokens tokens removed, over rows, layers and KV heads
 * @param notices remarks of the press, each once
 */
public record EditSummary(
    long pressNanos, long editNanos, long removedTokens, List<String> notices) {
  /** Takes a copy. */
  public EditSummary {
    notices = ImmutableList.copyOf(notices);
  }
}
