package dev.kvpress.runtime.graph.rewrite;

import dev.kvpress.runtime.graph.ElementType;
import java.util.List;
import java.util.Optional;

/**
 * What one fused operator computes, as values of the graph.
 *
 * @param queries float {@code [B,H,Q,D]}, after rotation
 * @param keys {@code [B,G,T,D]}, past and new
 * @param values {@code [B,G,T,D]}, past and new
 * @param scale factor on the scores
 * @param softcap c in c · tanh(score / c), 0 for none
 * @param cappedLast whether masks are added before the cap and not after it
 * @param masks added to scores, each of a shape that spreads over {@code [B,H,Q,T]}
 * @param sinks float {@code [H]}, a score of each head that belongs to no token
 * @param context name of the result
 * @param flat whether the result is {@code [B,Q,H*D]} and not {@code [B,H,Q,D]}
 * @param attention name under which the attention {@code [B,H,Q,T]} is wanted
 * @param type type of keys, values, context and attention
 */
record AttentionParts(
    String queries,
    String keys,
    String values,
    double scale,
    double softcap,
    boolean cappedLast,
    List<String> masks,
    Optional<String> sinks,
    String context,
    boolean flat,
    Optional<String> attention,
    ElementType type) {

  AttentionParts {
    masks = List.copyOf(masks);
  }
}
