package dev.kvpress.runtime.decode;

import com.google.common.collect.ImmutableList;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.ImmutableLongArray;
import java.util.List;

/**
 * What was generated and what it took. Times in a batch are those that went by, with what was done
 * for other rows meanwhile, but without the time before a request's turn.
 *
 * @param ids new token ids, without an end token
 * @param stopReason why there are no more
 * @param prefillNanos time until the first token was known, without the press; for an answer the
 *     time of its question
 * @param pressNanos time within the press and for its edit before the first decoding step
 * @param readingNanos time in which a press let the model read the context again; 0 for most
 * @param readTokens tokens that passed meanwhile
 * @param stepNanos time of each decoding step, eviction included; the first token costs none
 * @param seenTokens tokens that had passed before decoding, over rows, layers and KV heads
 * @param keptTokens tokens of these in the cache when decoding began
 * @param logicalBytes bytes of these
 * @param physicalBytes bytes that the cache took then, padding and spare room included
 * @param finalKeptTokens tokens in the cache at the end
 * @param notices remarks of the press, each once
 */
public record TokenResult(
    ImmutableIntArray ids,
    StopReason stopReason,
    long prefillNanos,
    long pressNanos,
    long readingNanos,
    long readTokens,
    ImmutableLongArray stepNanos,
    long seenTokens,
    long keptTokens,
    long logicalBytes,
    long physicalBytes,
    long finalKeptTokens,
    List<String> notices) {
  /** Takes a copy. */
  public TokenResult {
    notices = ImmutableList.copyOf(notices);
  }

  /** That of a request which was stopped before it had its turn. */
  public static TokenResult beforeAnswer() {
    return beforeAnswer(0);
  }

  /** That of a request which was stopped before there was a first token. */
  static TokenResult beforeAnswer(long prefillNanos) {
    return new TokenResult(
        ImmutableIntArray.of(),
        StopReason.STOPPED,
        prefillNanos,
        0,
        0,
        0,
        ImmutableLongArray.of(),
        0,
        0,
        0,
        0,
        0,
        List.of());
  }
}
