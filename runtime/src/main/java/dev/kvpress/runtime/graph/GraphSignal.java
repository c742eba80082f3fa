package dev.kvpress.runtime.graph;

/** A thing that a tap may be asked for; each graph gives some of them. */
public enum GraphSignal {
  COLUMN_SUMS("attention column sums"),
  COLUMN_MAXIMA("attention column maxima"),
  LAST_ROWS("attention of the last queries"),
  FULL_ATTENTION("the whole attention"),
  QUERIES("queries after rotation"),
  QUERIES_PRE_ROPE("queries before rotation"),
  HIDDEN_STATES("hidden states entering attention"),
  LAST_LOGITS("logits of the last query only"),
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
