package dev.kvpress.runtime.graph;

/** Names of signal outputs. */
final class SignalNames {
  static final String SUMS = "attention_sums.";
  static final String ROWS = "attention_rows.";

  /** The name that Optimum gives to whole attentions. */
  static final String ATTENTIONS = "attentions.";

  static final String QUERIES = "queries.";
  static final String QUERIES_PRE_ROPE = "queries_pre_rope.";
  static final String HIDDEN_STATES = "hidden_states.";

  private SignalNames() {}
}
