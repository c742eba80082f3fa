package dev.kvpress.compare.run;

import com.google.common.collect.ImmutableList;
import dev.kvpress.runtime.decode.DecoderOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Everything a comparison is run with, beside its methods.
 *
 * @param model what {@link dev.kvpress.runtime.decode.DecoderModel#open} takes
 * @param data data files
 * @param tasks what is asked; perplexity
 * @param options provider, threads, cache of exported models
 * @param contextTokens where contexts end, unless the data says so
 * @param maxLength documents are cut to it
 * @param maxSamples at most so many samples of each file
 * @param chunkSize tokens a pass; empty: 256, streaming 1
 * @param seed of presses that draw random numbers
 */
public record RunSettings(
    Path model,
    List<Path> data,
    List<String> tasks,
    DecoderOptions options,
    OptionalInt contextTokens,
    OptionalInt maxLength,
    int maxSamples,
    OptionalInt chunkSize,
    int seed) {
  /** Takes copies. */
  public RunSettings {
    data = ImmutableList.copyOf(data);
    tasks = ImmutableList.copyOf(tasks);
  }

  /** Tokens a pass under a protocol. */
  public int chunkSize(Protocol protocol) {
    return chunkSize.orElse(protocol == Protocol.STREAMING ? 1 : 256);
  }
}
