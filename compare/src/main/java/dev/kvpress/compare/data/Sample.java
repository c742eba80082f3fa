package dev.kvpress.compare.data;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Objects;

/**
 * One encoded document: the context that is prefilled and compressed, and the continuation that is
 * scored behind it.
 *
 * @param index place of its document in the data file, from 0
 * @param ids context and continuation; their count is S + Q in the letters of the project
 * @param contextLength number of context tokens, S; at least 1 and less than all
 */
public record Sample(int index, ImmutableIntArray ids, int contextLength) {
  /** Checks that context and continuation have a token each. */
  public Sample {
    Objects.requireNonNull(ids, "ids is null");
    if (index < 0) {
      throw new IllegalArgumentException("index must be at least 0, found " + index);
    }
    if (contextLength < 1 || contextLength >= ids.length()) {
      throw new IllegalArgumentException(
          "contextLength must be at least 1 and less than the "
              + ids.length()
              + " tokens, found "
              + contextLength);
    }
  }

  /** Number of tokens that are scored. */
  public int continuationLength() {
    return ids.length() - contextLength;
  }
}
