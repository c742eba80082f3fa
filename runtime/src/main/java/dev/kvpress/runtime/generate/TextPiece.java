package dev.kvpress.runtime.generate;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * Text that has become certain: whole characters, and nothing that a stop string may yet take away.
 *
 * @param text joined in order, all of them are the text of the answer; may be empty where tokens
 *     are all that is new
 * @param tokens those whose text ends in it, with log-probabilities where they were asked for; NaN
 *     elsewhere
 */
public record TextPiece(String text, List<TokenScore> tokens) {
  /** Takes a copy. */
  public TextPiece {
    tokens = ImmutableList.copyOf(tokens);
  }

  /** Whether there is nothing in it. */
  public boolean isEmpty() {
    return text.isEmpty() && tokens.isEmpty();
  }
}
