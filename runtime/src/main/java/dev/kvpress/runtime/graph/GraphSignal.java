package dev.kvpress.runtime.graph;

/** A thing that a tap may be asked for; each graph gives some of them. */
public enum GraphSignal {
  /** See {@link TapRequest#columnSums}. */
  COLUMN_SUMS("attention column sums"),
  /** See {@link TapRequest#columnMaxima}. */
  COLUMN_MAXIMA("attention column maxima"),
  /** See {@link TapRequest#lastRows}. */
  LAST_ROWS("attention of the last queries"),
  /** See {@link TapRequest#fullAttention}. */
  FULL_ATTENTION("the whole attention"),
  /** See {@link TapRequest#queries}. */
  QUERIES("queries after rotation"),
  /** See {@link TapRequest#queriesPreRope}. */
  QUERIES_PRE_ROPE("queries before rotation"),
  /** See {@link TapRequest#hiddenStates}. */
  HIDDEN_STATES("hidden states entering attention"),
  /** See {@link TapRequest#logits}. */
  LAST_LOGITS("logits of the last query only"),
  /** See {@link TapRequest#dropCacheBias}. */
  EVEN_CACHES("passes without cache_bias");

  private final String title;

  GraphSignal(String title) {
    this.title = title;
  }

  /** Whether it is something that a pass computes and a tap shows. */
  boolean isObserved() {
    return this != LAST_LOGITS && this != EVEN_CACHES;
  }

  /** Name for messages. */
  public String title() {
    return title;
  }
}
