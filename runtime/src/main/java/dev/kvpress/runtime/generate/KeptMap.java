package dev.kvpress.runtime.generate;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * Which tokens of a prompt stayed in the cache when decoding began.
 *
 * @param tokens in order, those of a shared context first
 */
public record KeptMap(List<KeptToken> tokens) {
  /** Takes a copy. */
  public KeptMap {
    tokens = ImmutableList.copyOf(tokens);
  }

  /**
   * One token.
   *
   * @param text how it is spelled
   * @param share of the layers and KV heads that hold it, in [0, 1]
   */
  public record KeptToken(int id, String text, double share) {}
}
