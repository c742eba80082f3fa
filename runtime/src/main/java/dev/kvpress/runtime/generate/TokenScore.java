package dev.kvpress.runtime.generate;

import com.google.common.collect.ImmutableList;
import java.util.List;

/**
 * A token and how likely the model found it.
 *
 * @param id the token
 * @param text how it is spelled inside a text, with the space before its word; characters that are
 *     not whole are the replacement character
 * @param logProbability natural logarithm, of the model's own softmax before any temperature,
 *     penalty or bias; NaN for a token that nothing stands before
 * @param alternatives the likeliest tokens in its place, the likeliest first; as many as were asked
 *     for
 * @param textOffset characters (UTF-16) of the text before it
 */
public record TokenScore(
    int id, String text, double logProbability, List<Alternative> alternatives, int textOffset) {
  /** Takes a copy. */
  public TokenScore {
    alternatives = ImmutableList.copyOf(alternatives);
  }

  /** The same behind so many characters. */
  TokenScore at(int offset) {
    return new TokenScore(id, text, logProbability, alternatives, offset);
  }

  /** A token that might have stood there. */
  public record Alternative(int id, String text, double logProbability) {}
}
