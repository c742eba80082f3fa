package dev.kvpress.runtime.graph;

/** How a graph computes attention, as far as that is known. */
public enum AttentionForm {
  /**
   * Own graph out of MatMul, Softmax and MatMul; gives every signal and takes ragged caches through
   * {@code cache_bias}.
   */
  DECOMPOSED,
  /**
   * Own graph with one fused operator per layer; takes a buffer shared by past and present through
   * {@code cache_length}.
   */
  FUSED,
  /**
   * {@link #FUSED} with every KV head as a row of its own for the operator ({@link HeadRows}): one
   * new token for each row of the batch, heads of any length.
   */
  FUSED_BY_HEAD,
  /**
   * {@link #DECOMPOSED} over a cache whose older tokens are packed in few bits ({@link
   * PackedCaches}); gives every signal and takes ragged caches.
   */
  PACKED,
  /** A graph of somebody else. */
  FOREIGN
}
