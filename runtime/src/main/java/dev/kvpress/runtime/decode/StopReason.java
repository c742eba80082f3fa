package dev.kvpress.runtime.decode;

/** Why a generation has ended. */
public enum StopReason {
  /** The model has given an end token, which is not among the ids. */
  END_TOKEN,
  /** As many tokens as were asked for. */
  MAX_NEW_TOKENS,
  /** The next token would lie beyond the positions that the model was made for. */
  MAX_POSITIONS,
  /** Who was told of the tokens has had enough. */
  LISTENER,
  /** It was stopped; see {@link Ticket#stop}. */
  STOPPED
}
