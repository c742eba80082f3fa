package dev.kvpress.runtime.decode;

/**
 * Which token comes next. What is chosen must follow from the arguments alone: the same logits
 * after the same text give the same token, whoever else is in a batch.
 */
@FunctionalInterface
public interface TokenChoice {
  /** The most likely token; of equal ones the first. */
  TokenChoice GREEDY = (logits, row, text) -> logits.argmax(row);

  /**
   * Chooses.
   *
   * @param logits {@code [rows, V]}, of which one row is meant
   * @param row that row
   * @param text the tokens before the one to be chosen; valid during the call
   * @return a token id in [0, V)
   */
  int choose(Logits logits, int row, TokenHistory text);
}
