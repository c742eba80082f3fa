package dev.kvpress.runtime.text.sentencepiece;

import java.util.Arrays;

/**
 * A prefix tree over bytes. A node is a number, 0 the root; its children lie in one hash table of
 * primitive numbers, since a vocabulary has a million nodes.
 */
final class PieceTrie {
  static final int NONE = -1;
  static final int ROOT = 0;

  private static final int BITS_OF_A_BYTE = 8;
  private static final long FREE = -1;
  private static final long SPREAD = 0x9E3779B97F4A7C15L;

  private long[] keys = new long[64];
  private int[] children = new int[64];
  private int[] ids = new int[64];
  private int nodes = 1;

  PieceTrie() {
    Arrays.fill(keys, FREE);
    Arrays.fill(ids, NONE);
  }

  /** Adds a piece; an id that was there for it is replaced. */
  void add(byte[] piece, int id) {
    int node = ROOT;
    for (byte b : piece) {
      int child = child(node, b);
      node = child == NONE ? grow(node, b) : child;
    }
    ids[node] = id;
  }

  /** The node that a byte leads to, or {@link #NONE}. */
  int child(int node, byte b) {
    long key = key(node, b);
    int at = slot(keys, key);
    return keys[at] == key ? children[at] : NONE;
  }

  /** The id of the piece that ends at a node, or {@link #NONE}. */
  int id(int node) {
    return ids[node];
  }

  /** Length in bytes of the longest piece that a text has at a place; 0 if none. */
  int longestPrefix(byte[] text, int from) {
    int longest = 0;
    int node = ROOT;
    for (int at = from; at < text.length; at++) {
      node = child(node, text[at]);
      if (node == NONE) {
        break;
      }
      if (ids[node] != NONE) {
        longest = at + 1 - from;
      }
    }
    return longest;
  }

  private int grow(int node, byte b) {
    // Half full at most, so that runs of taken slots stay short.
    if (nodes * 2 >= keys.length) {
      enlarge();
    }
    if (nodes == ids.length) {
      int old = ids.length;
      ids = Arrays.copyOf(ids, old * 2);
      Arrays.fill(ids, old, ids.length, NONE);
    }
    int at = slot(keys, key(node, b));
    keys[at] = key(node, b);
    children[at] = nodes;
    return nodes++;
  }

  private void enlarge() {
    long[] newKeys = new long[keys.length * 2];
    int[] newChildren = new int[newKeys.length];
    Arrays.fill(newKeys, FREE);
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != FREE) {
        int at = slot(newKeys, keys[i]);
        newKeys[at] = keys[i];
        newChildren[at] = children[i];
      }
    }
    keys = newKeys;
    children = newChildren;
  }

  private static long key(int node, byte b) {
    return (long) node << BITS_OF_A_BYTE | Byte.toUnsignedLong(b);
  }

  private static int slot(long[] keys, long key) {
    int mask = keys.length - 1;
    int at = (int) (key * SPREAD >>> 32) & mask;
    while (keys[at] != FREE && keys[at] != key) {
      at = (at + 1) & mask;
    }
    return at;
  }
}
