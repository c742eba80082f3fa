package dev.kvpress.compare.run;

import java.util.OptionalDouble;

/**
 * What one sample gave in one cell.
 *
 * @param sample index in file order
 * @param contextTokens tokens seen when the cache was measured
 * @param nll summed negative log-likelihood over {@code tokens}, in nats
 * @param tokens tokens scored
 * @param nllCompressed the sum over those that the compressed cache predicts
 * @param tokensCompressed how many these are, at least 1
 * @param keptTokens tokens in the cache after compression, over layers and KV heads
 * @param seenTokens tokens that had passed by then, over layers and KV heads
 * @param logicalBytes bytes of the kept tokens
 * @param physicalBytes bytes the cache takes
 * @param prefillNanos time of the context's passes
 * @param pressNanos time within the press
 * @param stepNanos median time of a decoding step, where it was measured
 * @param logitsHash hash of all logits after compression, bit for bit
 */
record Outcome(
    int sample,
    int contextTokens,
    double nll,
    int tokens,
    double nllCompressed,
    int tokensCompressed,
    long keptTokens,
    long seenTokens,
    long logicalBytes,
    long physicalBytes,
    long prefillNanos,
    long pressNanos,
    OptionalDouble stepNanos,
    long logitsHash) {

  /** Fraction of the tokens seen that is no longer in the cache. */
  double achievedRatio() {
    return 1.0 - (double) keptTokens / seenTokens;
  }
}
