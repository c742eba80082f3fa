package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalLong;

/**
 * How a batch is run.
 *
 * @param mostRows rows at once, the one whose prompt is being read included; at least 1
 * @param chunkSize tokens per pass of a prompt, at least 1; between two of them every running row
 *     gets a token
 * @param cacheBytes bytes that keys and values may take, what is written beside them in a pass or a
 *     move included; empty for as many as there are. Not counted are signals, logits, what a press
 *     works on, and the rounding of buffers, an eighth at most
 */
public record BatchOptions(int mostRows, int chunkSize, OptionalLong cacheBytes) {
  /** Checks the ranges. */
  public BatchOptions {
    checkArgument(mostRows >= 1, "most rows must be at least 1, found %s", mostRows);
    checkArgument(chunkSize >= 1, "chunk size must be at least 1, found %s", chunkSize);
    checkArgument(
        cacheBytes.isEmpty() || cacheBytes.getAsLong() >= 1,
        "cache bytes must be at least 1, found %s",
        cacheBytes);
  }

  /** With caches as large as there is memory. */
  public BatchOptions(int mostRows, int chunkSize) {
    this(mostRows, chunkSize, OptionalLong.empty());
  }

  /** The same with a limit for keys and values. */
  public BatchOptions withCacheBytes(long bytes) {
    return new BatchOptions(mostRows, chunkSize, OptionalLong.of(bytes));
  }
}
