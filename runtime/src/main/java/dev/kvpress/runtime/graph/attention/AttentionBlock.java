package dev.kvpress.runtime.graph.attention;

import dev.kvpress.runtime.graph.OwnGraph;
import org.jspecify.annotations.Nullable;

/**
 * One of the two forms of attention: declares the inputs and outputs it needs and writes its nodes.
 *
 * <p>The caller has declared {@code position_ids} and written {@link OwnGraph#BATCH_AND_QUERIES}.
 */
public interface AttentionBlock {

  /** Writes what all layers share in one pass. */
  void prepare();

  /**
   * Writes the attention of one layer, its cache included.
   *
   * @param queries {@code [B,Q,H,D]} after rotation
   * @param keys {@code [B,Q,G,D]} after rotation
   * @param values {@code [B,Q,G,D]}
   * @param sinks {@code [H]}, the scores of {@link AttentionShape#sinks}; null without
   * @return name of {@code [B*Q,H*D]}
   */
  String layer(
      int layer,
      AttentionShape shape,
      String queries,
      String keys,
      String values,
      @Nullable String sinks);
}
