package dev.kvpress.runtime.generate;

import dev.kvpress.runtime.decode.DecoderModel;

/**
 * What a generation took. Times are in nanoseconds, with what was done for others meanwhile.
 *
 * @param contextTokens tokens of the shared context, which had passed before
 * @param promptTokens tokens of the prompt behind it
 * @param generatedTokens new tokens, those of a stop string included, an end token not
 * @param seenTokens tokens that had passed when decoding began, over layers and KV heads
 * @param keptTokens those of them that were in the cache then
 * @param logicalBytes bytes of these
 * @param physicalBytes bytes that the cache took then, padding and spare room included
 * @param fullBytes bytes of all seen tokens, had nothing been cut and nothing packed
 * @param finalKeptTokens tokens in the cache at the end, over layers and KV heads
 * @param waitNanos before anything was done
 * @param prefillNanos reading the prompt, without the press
 * @param pressNanos within the press and for its edit before the first token
 * @param readingNanos in which a press let the model read the context again; 0 for most
 * @param readTokens tokens that passed meanwhile
 * @param firstTokenNanos from handing over until the first token was known
 * @param decodeNanos of all further steps together
 */
public record Usage(
    int contextTokens,
    int promptTokens,
    int generatedTokens,
    long seenTokens,
    long keptTokens,
    long logicalBytes,
    long physicalBytes,
    long fullBytes,
    long finalKeptTokens,
    long waitNanos,
    long prefillNanos,
    long pressNanos,
    long readingNanos,
    long readTokens,
    long firstTokenNanos,
    long decodeNanos) {
  /** Bytes of so many tokens of a model, over layers and KV heads, as its passes give them. */
  static long fullBytes(DecoderModel model, long tokens) {
    long heads = (long) model.info().layers() * model.info().kvHeads();
    return tokens / heads * model.cacheBytesPerToken();
  }
}
