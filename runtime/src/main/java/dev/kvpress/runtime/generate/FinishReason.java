package dev.kvpress.runtime.generate;

/** Why a text has ended. */
public enum FinishReason {
  /** The model has given a token that ends its texts. */
  END_TOKEN,
  /** A stop string or a stop token of the request. */
  STOP,
  /** As many tokens as were asked for. */
  MAX_TOKENS,
  /** The next token would lie beyond the positions that the model was made for. */
  MAX_POSITIONS,
  /** The time of the request has run out. */
  TIME_LIMIT,
  /** Somebody has given up. */
  CANCELLED
}
