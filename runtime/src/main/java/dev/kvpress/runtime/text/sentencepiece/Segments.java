package dev.kvpress.runtime.text.sentencepiece;

import java.util.Arrays;

/** Pieces of one text in order: where each ends and which id it has. */
final class Segments {
  private int[] ends = new int[16];
  private int[] ids = new int[16];
  private int count;

  void add(int end, int id) {
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, count * 2);
      ids = Arrays.copyOf(ids, count * 2);
    }
    ends[count] = end;
    ids[count++] = id;
  }

  int count() {
    return count;
  }

  int end(int i) {
    return ends[i];
  }

  int id(int i) {
    return ids[i];
  }
}
