package dev.kvpress.runtime.generate;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.OptionalLong;

/**
 * How a generator is run.
 *
 * @param mostRunning generations at once; at least 1
 * @param mostWaiting requests that wait behind them; a further one is refused with {@link
 *     BusyException}
 * @param chunkSize tokens per pass of a prompt; between two of them every running generation gets a
 *     token
 * @param cacheBytes bytes that keys and values of running generations may take; empty for as many
 *     as there are. Shared contexts and conversations at rest are not among them
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

  /** Checks the ranges. */
  public GeneratorOptions {
    checkArgument(mostRunning >= 1, "most running must be at least 1, found %s", mostRunning);
    checkArgument(mostWaiting >= 0, "most waiting must not be negative, found %s", mostWaiting);
    checkArgument(chunkSize >= 1, "chunk size must be at least 1, found %s", chunkSize);
    checkArgument(
        cacheBytes.isEmpty() || cacheBytes.getAsLong() >= 1,
        "cache bytes must be at least 1, found %s",
        cacheBytes);
    requireNonNull(observer, "observer is null");
  }

  /** The same with so many at once. */
  public GeneratorOptions withMostRunning(int other) {
    return new GeneratorOptions(other, mostWaiting, chunkSize, cacheBytes, observer);
  }

  /** The same with so many that may wait. */
  public GeneratorOptions withMostWaiting(int other) {
    return new GeneratorOptions(mostRunning, other, chunkSize, cacheBytes, observer);
  }

  /** The same with prompts in other chunks. */
  public GeneratorOptions withChunkSize(int other) {
    return new GeneratorOptions(mostRunning, mostWaiting, other, cacheBytes, observer);
  }

  /** The same with a limit for keys and values. */
  public GeneratorOptions withCacheBytes(long bytes) {
    return new GeneratorOptions(
        mostRunning, mostWaiting, chunkSize, OptionalLong.of(bytes), observer);
  }

  /** The same with somebody who is told of everything. */
  public GeneratorOptions watchedBy(GenerationObserver other) {
    return new GeneratorOptions(mostRunning, mostWaiting, chunkSize, cacheBytes, other);
  }
}
