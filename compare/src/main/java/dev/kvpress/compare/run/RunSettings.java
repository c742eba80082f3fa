package dev.kvpress.compare.run;

import dev.kvpress.runtime.decode.DecoderOptions;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Everything a comparison is run with, beside its methods.
 *
 * @param model what {@link dev.kvpress.runtime.decode.DecoderModel#open} takes
 * @param data the data file
 * @param task what is asked; perplexity
 * @param options provider, threads, cache of exported models
 * @param protocol when caches are compressed
 * @param contextTokens where contexts end, unless the data says so
 * @param maxLength documents are cut to it
 * @param maxSamples at most so many samples; empty: all
 * @param chunkTokens tokens per pass as asked for; empty: the protocol's own
 */
public record RunSettings(
    Path model,
    Path data,
    String task,
    DecoderOptions options,
    Protocol protocol,
    OptionalInt contextTokens,
    OptionalInt maxLength,
    OptionalInt maxSamples,
    OptionalInt chunkTokens) {
  private static final int PREFILL_CHUNK = 256;

  /** Tokens per pass. */
  public int chunkSize() {
    return chunkTokens.orElse(protocol == Protocol.STREAMING ? 1 : PREFILL_CHUNK);
  }
}
