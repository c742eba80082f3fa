package dev.kvpress.runtime.graph.rewrite;

/** An operator says something that is not understood. */
final class NotRewritable extends Exception {
  private static final long serialVersionUID = 1;

  NotRewritable(String reason) {
    super(reason);
  }
}
