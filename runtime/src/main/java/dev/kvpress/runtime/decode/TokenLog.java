package dev.kvpress.runtime.decode;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;

/** Token ids of the only row of a context, in the order in which they passed. */
final class TokenLog {
  private int[] ids;
  private int size;

  TokenLog(ImmutableIntArray passed) {
    this(passed.toArray());
  }

  private TokenLog(int[] ids) {
    this.ids = ids;
    size = ids.length;
  }

  TokenLog copy() {
    return new TokenLog(Arrays.copyOf(ids, size));
  }

  void add(int... passed) {
    if (ids.length < size + passed.length) {
      ids = Arrays.copyOf(ids, Math.max(size + passed.length, size + (size >> 1)));
    }
    System.arraycopy(passed, 0, ids, size, passed.length);
    size += passed.length;
  }

  /** The last tokens have no id in the vocabulary of the context's model. */
  void markLast(int count) {
    Arrays.fill(ids, size - count, size, TrainedTokens.NO_ID);
  }

  ImmutableIntArray ids() {
    return ImmutableIntArray.copyOf(Arrays.copyOf(ids, size));
  }
}
