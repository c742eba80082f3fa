package dev.kvpress.runtime.graph;

/** Names of signal outputs. */
public final class SignalNames {
  /** Sums over the queries, {@code [B,H,T]}; the layer follows, as behind all of these. */
  public static final String SUMS = "attention_sums.";

  /** Maxima over the queries, {@code [B,H,T]}. */
  public static final String MAXIMA = "attention_maxima.";

  /** Attention of the last queries, {@code [B,H,W,T]}. */
  public static final String ROWS = "attention_rows.";

  /** The name that Optimum gives to whole attentions. */
  public static final String ATTENTIONS = "attentions.";

  /** Queries after rotation, {@code [B,H,W,D]}. */
  public static final String QUERIES = "queries.";

  /** Queries before rotation, {@code [B,H,W,D]}. */
  public static final String QUERIES_PRE_ROPE = "queries_pre_rope.";

  /** What enters an attention, {@code [B,Q,E]}. */
  public static final String HIDDEN_STATES = "hidden_states.";

  /** Prefix of values that a tap computes on the way to its signals. */
  static final String TAP = "tap.";

  private SignalNames() {}
}
