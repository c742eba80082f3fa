package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.ModelException;
import java.util.Arrays;

/**
 * Finds the largest of many logits without ordering the others: one pass over them, with a heap of
 * as many as are wanted. The largest come first, equal ones by id.
 */
final class LargestLogits {
  /** With more than one in so many wanted, sorting all is cheaper than a heap. */
  private static final int SORTED_SHARE = 4;

  private LargestLogits() {}

  /**
   * Ids of the largest.
   *
   * @param values logits
   * @param from index of the logit of token 0
   * @param vocabulary V
   * @param count how many, at least 1; more than V is V
   * @throws ModelException if a logit is not a number
   */
  static int[] ids(float[] values, int from, int vocabulary, int count) {
    long[] keys =
        count >= vocabulary / SORTED_SHARE
            ? sorted(values, from, vocabulary, Math.min(count, vocabulary))
            : heaped(values, from, vocabulary, count);
    int[] ids = new int[keys.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) keys[i];
    }
    return ids;
  }

  private static long[] sorted(float[] values, int from, int vocabulary, int count) {
    long[] keys = new long[vocabulary];
    for (int v = 0; v < vocabulary; v++) {
      keys[v] = sortKey(values[from + v], v);
    }
    Arrays.sort(keys);
    return count == vocabulary ? keys : Arrays.copyOf(keys, count);
  }

  private static long[] heaped(float[] values, int from, int vocabulary, int count) {
    long[] heap = new long[count];
    for (int v = 0; v < count; v++) {
      heap[v] = sortKey(values[from + v], v);
    }
    for (int i = count / 2 - 1; i >= 0; i--) {
      sink(heap, i);
    }
    for (int v = count; v < vocabulary; v++) {
      long key = sortKey(values[from + v], v);
      if (key < heap[0]) {
        heap[0] = key;
        sink(heap, 0);
      }
    }
    Arrays.sort(heap);
    return heap;
  }

  /** Lets an entry of a heap, whose largest key is at 0, sink to where it belongs. */
  private static void sink(long[] heap, int index) {
    int at = index;
    long key = heap[at];
    while (2 * at + 1 < heap.length) {
      int child = 2 * at + 1;
      if (child + 1 < heap.length && heap[child + 1] > heap[child]) {
        child++;
      }
      if (heap[child] <= key) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = key;
  }

  /** Ascending where logits descend; the id in the lower half. */
  private static long sortKey(float logit, int id) {
    if (Float.isNaN(logit)) {
      throw new ModelException(
          "the logit of token %d is not a number; no token can be drawn".formatted(id));
    }
    // Adding 0 makes one zero of two.
    int bits = Float.floatToIntBits(logit + 0f);
    int ascending = bits >= 0 ? bits : bits ^ 0x7fffffff;
    return ((long) ~ascending << 32) | id;
  }
}
