package dev.kvpress.runtime.graph.trace;

import dev.kvpress.runtime.graph.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * A value that was computed from the cache of one layer.
 *
 * @param layer index among the layers with a cache
 * @param rank number of axes; 0 where it is not known
 * @param tokenAxis the axis with one entry for each cached token, counted from the end (1 is the
 *     last); 0 where it is not known or where there is none
 * @param headAxis the axis of the KV heads of keys or values, counted from the end; 0 where it is
 *     not known
 * @param type type of its elements
 * @param interleaved whether all KV heads were repeated as a whole, so that query head h reads KV
 *     head h mod G and not h / (H/G)
 * @param pastOnly whether new tokens are not yet among those of the past
 * @param attention the attention it belongs to, from scores on
 * @param wide whether columns that belong to no token stand behind those of the tokens
 */
record CachedValue(
    int layer,
    Role role,
    int rank,
    int tokenAxis,
    int headAxis,
    ElementType type,
    boolean interleaved,
    boolean pastOnly,
    @Nullable AttentionDraft attention,
    boolean wide) {

  static CachedValue past(int layer, Role role, ElementType type) {
    return new CachedValue(layer, role, 4, 2, 3, type, false, true, null, false);
  }

  /** Scores, with tokens on the last axis. */
  CachedValue scores(int otherRank, AttentionDraft draft) {
    return new CachedValue(
        layer, Role.SCORES, otherRank, 1, 0, type, interleaved, pastOnly, draft, false);
  }

  CachedValue as(Role other) {
    return new CachedValue(
        layer, other, rank, tokenAxis, headAxis, type, interleaved, pastOnly, attention, wide);
  }

  CachedValue shaped(int otherRank, int otherTokenAxis, int otherHeadAxis) {
    return new CachedValue(
        layer,
        role,
        otherRank,
        otherTokenAxis,
        otherHeadAxis,
        type,
        interleaved,
        pastOnly,
        attention,
        wide);
  }

  CachedValue typed(ElementType other) {
    return new CachedValue(
        layer, role, rank, tokenAxis, headAxis, other, interleaved, pastOnly, attention, wide);
  }

  CachedValue repeatedAsAWhole() {
    return new CachedValue(
        layer, role, rank, tokenAxis, headAxis, type, true, pastOnly, attention, wide);
  }

  CachedValue withNewTokens() {
    return new CachedValue(
        layer, role, rank, tokenAxis, headAxis, type, interleaved, false, attention, wide);
  }

  CachedValue widened(boolean nowWide) {
    return new CachedValue(
        layer, role, rank, tokenAxis, headAxis, type, interleaved, pastOnly, attention, nowWide);
  }

  /** Whether it still is keys or values, whatever its shape. */
  boolean isCache() {
    return role == Role.KEY || role == Role.VALUE || role == Role.BOTH;
  }

  /** An axis counted from the front as one counted from the end; 0 where that cannot be told. */
  int fromEnd(long axis) {
    if (axis < 0) {
      return (int) -axis;
    }
    return rank == 0 ? 0 : (int) (rank - axis);
  }
}
