package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/** Cuts a prompt into passes. */
final class ChunkPlan {
  private ChunkPlan() {}

  /**
   * Sizes of the passes. The short one goes first, and the last one holds at least the largest
   * window of last queries that a press wants to see, so that what a press sees does not depend on
   * the chunk size.
   *
   * @param tokens length of the prompt, at least 1
   * @param chunk size of a pass, at least 1
   * @param window queries that must be together at the end, 0 for none
   */
  static int[] of(int tokens, int chunk, int window) {
    checkArgument(tokens >= 1, "a prompt must have at least 1 token, found %s", tokens);
    checkArgument(chunk >= 1, "chunk size must be at least 1, found %s", chunk);
    int last = Math.min(tokens, Math.max(chunk, window));
    int before = tokens - last;
    int whole = before / chunk;
    int first = before % chunk;
    int[] sizes = new int[whole + (first > 0 ? 1 : 0) + 1];
    Arrays.fill(sizes, chunk);
    sizes[0] = first > 0 ? first : sizes[0];
    sizes[sizes.length - 1] = last;
    return sizes;
  }
}
