package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How a batch is run.
 *
 * @param mostRows rows at once, the one whose prompt is being read included; at least 1
 * @param chunkSize tokens per pass of a prompt, at least 1; between two of them every running row
 *     gets a token
 */
public record BatchOptions(int mostRows, int chunkSize) {
  /** Checks the ranges. */
  public BatchOptions {
    checkArgument(mostRows >= 1, "most rows must be at least 1, found %s", mostRows);
    checkArgument(chunkSize >= 1, "chunk size must be at least 1, found %s", chunkSize);
  }
}
