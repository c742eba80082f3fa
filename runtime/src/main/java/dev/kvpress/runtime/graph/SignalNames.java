package dev.kvpress.runtime.graph;

/** Names of signal outputs. */
public final class SignalNames {
  public static final String SUMS = "attention_sums.";
  public static final String MAXIMA = "attention_maxima.";
  public static final String ROWS = "attention_rows.";

  /** The name that Optimum gives to whole attentions. */
  public static final String ATTENTIONS = "attentions.";

  public static final String QUERIES = "queries.";
  public static final String QUERIES_PRE_ROPE = "queries_pre_rope.";
  public static final String HIDDEN_STATES = "hidden_states.";

  /** Prefix of values that a tap computes on the way to its signals. */
  static final String TAP = "tap.";

  private SignalNames() {}
}
