package dev.kvpress.runtime.export;

/**
 * One of the two forms of attention: declares the inputs and outputs it needs and writes its nodes.
 */
interface AttentionBlock {

  /** Writes what all layers share in one pass. */
  void prepare();

  /**
   * Writes the attention of one layer, its cache included.
   *
   * @param queries {@code [B,Q,H,D]} after rotation
   * @param keys {@code [B,Q,G,D]} after rotation
   * @param values {@code [B*Q,G*D]}
   * @return name of {@code [B*Q,H*D]}
   */
  String layer(int layer, String queries, String keys, String values);
}
