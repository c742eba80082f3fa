package dev.kvpress.runtime.graph.trace;

/** What a value that was computed from a cache is. */
enum Role {
  /** Keys, past and new. */
  KEY("keys"),
  /** Values, past and new. */
  VALUE("values"),
  /** Keys and values in one tensor, keys first. */
  BOTH("keys and values"),
  /** Queries times keys, before the softmax. */
  SCORES("scores"),
  /** Exponentials of scores, not yet divided by their sum. */
  EXPONENTS("exponentials of scores"),
  /** The logarithm of the attention. */
  LOGARITHMS("logarithms of attention"),
  /** Maxima or sums over a row of one of these. */
  STATISTIC("a statistic of scores"),
  /** Which scores are special, such as NaN. */
  FLAGS("flags of scores"),
  /** The attention. */
  ATTENTION("attention"),
  /** Something that only looks at the attention and from which no layer goes on. */
  OBSERVED("attention as it is observed");

  private final String title;

  Role(String title) {
    this.title = title;
  }

  /** Name for messages. */
  String title() {
    return title;
  }
}
