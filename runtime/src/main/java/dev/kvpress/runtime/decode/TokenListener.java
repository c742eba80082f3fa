package dev.kvpress.runtime.decode;

/**
 * Is told of an answer as it is written, in order and on the thread that writes it; what it throws
 * ends this answer alone. Logits and contexts are valid during the call.
 */
@FunctionalInterface
public interface TokenListener {
  /** Hears nothing and wants all tokens. */
  TokenListener NONE = (id, logits, row) -> true;

  /**
   * A new token.
   *
   * @param logits {@code [rows, V]}, of which one row is meant
   * @param row the one that the token was chosen from
   * @return whether more tokens are wanted; else the answer ends with this one
   */
  boolean onToken(int id, Logits logits, int row);

  /** The token that ends the text, which is no part of it. */
  default void onEndToken(int id, Logits logits, int row) {}

  /**
   * The prompt has passed and its cache was cut; no token was chosen yet.
   *
   * @param context what holds it; to be looked at only
   */
  default void onPrompt(Context context) {}
}
