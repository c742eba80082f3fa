package dev.kvpress.runtime.graph.rewrite;

/** Reads one kind of fused operator. */
interface OperatorRewriter {

  /** Name of the operator. */
  String operator();

  /** Domain of the operator, empty for the standard one. */
  String domain();

  /**
   * Writes nodes that give the outputs of a node under their names.
   *
   * @return number of query heads, 0 where the node does not tell
   * @throws NotRewritable if the node says anything that is not understood; nodes that were written
   *     until then are thrown away
   */
  int rewrite(OperatorNode node, RewriteSite site) throws NotRewritable;

  /** What a node says that people know such operators by. */
  default String describe(OperatorNode node) {
    return operator();
  }
}
