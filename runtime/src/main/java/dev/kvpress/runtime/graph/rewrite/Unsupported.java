package dev.kvpress.runtime.graph.rewrite;

/** An operator that is known and cannot be written out. */
record Unsupported(String domain, String operator, String reason) implements OperatorRewriter {

  @Override
  public int rewrite(OperatorNode node, RewriteSite site) throws NotRewritable {
    throw new NotRewritable(reason);
  }
}
