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
 * @param masks added to capped scores, each of a shape that spreads over {@code [B,H,Q,T]}
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
    List<String> masks,
    Optional<String> sinks,
    String context,
    boolean flat,
    Optional<String> attention,
    ElementType type) {

  AttentionParts {
    masks = List.copyOf(masks);
  }

  /**
   * The usual kind: no cap, no sinks, a context {@code [B,Q,H*D]}, nothing shown of the attention.
   */
  static AttentionParts of(
      String queries,
      String keys,
      String values,
      double scale,
      List<String> masks,
      String context,
      ElementType type) {
    return new AttentionParts(
        queries,
        keys,
        values,
        scale,
        0,
        masks,
        Optional.empty(),
        context,
        true,
        Optional.empty(),
        type);
  }

  AttentionParts capped(double cap) {
    return new AttentionParts(
        queries, keys, values, scale, cap, masks, sinks, context, flat, attention, type);
  }

  AttentionParts withSinks(Optional<String> scores) {
    return new AttentionParts(
        queries, keys, values, scale, softcap, masks, scores, context, flat, attention, type);
  }

  AttentionParts flattened(boolean whether) {
    return new AttentionParts(
        queries, keys, values, scale, softcap, masks, sinks, context, whether, attention, type);
  }

  AttentionParts giving(Optional<String> attentionName) {
    return new AttentionParts(
        queries, keys, values, scale, softcap, masks, sinks, context, flat, attentionName, type);
  }
}
