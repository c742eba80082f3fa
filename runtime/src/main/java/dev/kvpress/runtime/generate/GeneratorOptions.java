package dev.kvpress.runtime.generate;

import java.util.OptionalLong;

/**
 * How a generator is run.
 *
 * @param mostRunning generations at once; at least 1
 * @param mostWaiting requests that wait behind them; a further one is refused with {@link
 *     BusyException}
 * @param chunkSize tokens per pass of a prompt; between two of them every running generation gets a
 *     token
 * @param cacheBytes bytes that keys and values may take; empty for as many as there are
 * @param observer is told of everything; see {@link GenerationObserver#NONE}
 */
public record GeneratorOptions(
    int mostRunning,
    int mostWaiting,
    int chunkSize,
    OptionalLong cacheBytes,
    GenerationObserver observer) {
  /** Eight at once, 256 waiting, chunks of 256 tokens. */
  public static final GeneratorOptions DEFAULT =
      new GeneratorOptions(8, 256, 256, OptionalLong.empty(), GenerationObserver.NONE);
}
