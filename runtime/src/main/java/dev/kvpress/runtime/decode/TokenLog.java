package dev.kvpress.runtime.decode;

import com.google.common.primitives.ImmutableIntArray;
import java.util.Arrays;

/** Token ids of the only row of a context, in the order in which they passed. */
final class TokenLog {
  private int[] ids = {};
  private int size;

  void add(int... passed) {
    if (ids.length < size + passed.length) {
      ids = Arrays.copyOf(ids, Math.max(size + passed.length, size + (size >> 1)));
    }
    System.arraycopy(passed, 0, ids, size, passed.length);
    size += passed.length;
  }

  /** The state of another one. */
  void restore(TokenLog that) {
    ids = that.ids.clone();
    size = that.size;
  }

  ImmutableIntArray ids() {
    return ImmutableIntArray.copyOf(Arrays.copyOf(ids, size));
  }
}
