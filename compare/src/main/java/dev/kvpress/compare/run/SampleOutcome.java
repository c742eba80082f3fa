package dev.kvpress.compare.run;

/**
 * What one sample gave in one cell.
 *
 * @param sample index in file order, from 0
 * @param tokens predicted tokens: the continuation in the prefill protocol, all but the first in
 *     streaming
 * @param nllSum negative log-likelihood in nats, summed over them
 * @param compressedTokens how many of them were predicted from the compressed cache
 * @param compressedNllSum their negative log-likelihood in nats
 * @param achievedRatio fraction of the context's tokens that was removed
 * @param requestedRatio the fraction that the budget asks for with this context length; NaN where
 *     the press has its own rule
 * @param logicalBytes bytes of the tokens kept, right after compression
 * @param physicalBytes bytes of the cache, right after compression
 * @param prefillNanos time of the prefill, shared by the cells of a sample in the prefill protocol
 * @param pressNanos time within the press
 * @param tokenNanos median time of a decoding step of one token; NaN where it was not measured
 * @param logitsHash hash of all logits after compression
 */
public record SampleOutcome(
    int sample,
    int tokens,
    double nllSum,
    int compressedTokens,
    double compressedNllSum,
    double achievedRatio,
    double requestedRatio,
    long logicalBytes,
    long physicalBytes,
    long prefillNanos,
    long pressNanos,
    double tokenNanos,
    long logitsHash) {}
