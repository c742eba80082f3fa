package dev.kvpress.presses.scorer;

/** A trained network that makes scores of hidden states, one state at a time. */
interface StateNetwork {
  /**
   * The scores of some tokens.
   *
   * @param states hidden states, a column each, {@code [E][count or more]}
   * @return {@code [G][count]}
   */
  float[][] scores(float[][] states, int count);
}
