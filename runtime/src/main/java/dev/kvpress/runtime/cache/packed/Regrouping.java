package dev.kvpress.runtime.cache.packed;

import dev.kvpress.runtime.cache.BufferPool;
import java.util.BitSet;

/**
 * Closes the holes that evicted tokens have left in the packed part, where that makes it smaller:
 * groups without tokens go, and heads of whose slots at least half are holes are packed anew from
 * their first hole on. The smallest number of groups that this can give is what all heads get; a
 * head that is short enough as it is keeps its codes.
 */
final class Regrouping {
  private final BufferPool pool;
  private final BlockShape shape;
  private final GroupPacker packer;

  Regrouping(BufferPool pool, BlockShape shape) {
    this.pool = pool;
    this.shape = shape;
    this.packer = new GroupPacker(shape);
  }

  /** Makes the packed part of a store smaller, or leaves it as it is. */
  void tidy(PackedLayerStore store) {
    PackedSlots slots = store.tokens();
    int fewest = 0;
    for (int head = 0; head < slots.heads(); head++) {
      fewest = Math.max(fewest, fewestGroups(slots, head));
    }
    if (fewest >= store.groups().groups()) {
      return;
    }
    PackedGroups smaller = new PackedGroups(pool, shape, slots.heads(), fewest);
    for (int head = 0; head < slots.heads(); head++) {
      int used =
          filledGroups(slots, head) <= fewest
              ? moveGroups(store, head, smaller)
              : packAnew(store, head, smaller);
      smaller.clear(head, used, fewest - used);
    }
    store.exchange(smaller);
  }

  private int fewestGroups(PackedSlots slots, int head) {
    int filled = filledGroups(slots, head);
    int tokens = slots.packed(head).cardinality();
    boolean halfEmpty = 2 * tokens <= filled * shape.tokens();
    return halfEmpty ? (tokens + shape.tokens() - 1) / shape.tokens() : filled;
  }

  /** Groups that hold a token. */
  private int filledGroups(PackedSlots slots, int head) {
    int filled = 0;
    for (int group = 0; group < slots.groups(head, shape.tokens()); group++) {
      filled += slots.tokensOfGroup(head, group, shape.tokens()) > 0 ? 1 : 0;
    }
    return filled;
  }

  /** Groups with tokens move up as they are. */
  private int moveGroups(PackedLayerStore store, int head, PackedGroups smaller) {
    BitSet old = store.tokens().packed(head);
    BitSet moved = new BitSet();
    int to = 0;
    for (int group = 0; group < store.tokens().groups(head, shape.tokens()); group++) {
      int first = group * shape.tokens();
      if (store.tokens().tokensOfGroup(head, group, shape.tokens()) == 0) {
        continue;
      }
      store.groups().copyGroups(head, group, 1, smaller, to);
      for (int t = 0; t < shape.tokens(); t++) {
        moved.set(to * shape.tokens() + t, old.get(first + t));
      }
      to++;
    }
    old.clear();
    old.or(moved);
    return to;
  }

  /** Groups before the first hole stay; all tokens behind it are packed without holes. */
  private int packAnew(PackedLayerStore store, int head, PackedGroups smaller) {
    BitSet slots = store.tokens().packed(head);
    int whole = slots.nextClearBit(0) / shape.tokens();
    store.groups().copyGroups(head, 0, whole, smaller, 0);
    int size = shape.headSize();
    float[] from = new float[shape.tokens() * size];
    float[] keys = new float[shape.tokens() * size];
    int to = whole * shape.tokens();
    int unpacked = -1;
    for (int slot = slots.nextSetBit(to); slot >= 0; slot = slots.nextSetBit(slot + 1)) {
      int group = slot / shape.tokens();
      if (group != unpacked) {
        packer.unpackKeys(store.groups(), head, group, from);
        unpacked = group;
      }
      int t = to % shape.tokens();
      System.arraycopy(from, slot % shape.tokens() * size, keys, t * size, size);
      store.groups().copyValue(head, slot, smaller, to);
      to++;
      if (to % shape.tokens() == 0) {
        packer.packKeys(keys, smaller, head, to / shape.tokens() - 1);
      }
    }
    int groups = packRest(keys, smaller, head, to);
    slots.clear();
    slots.set(0, to);
    return groups;
  }

  /** Packs the last, incomplete group; holes repeat its last key. */
  private int packRest(float[] keys, PackedGroups smaller, int head, int tokens) {
    int rest = tokens % shape.tokens();
    if (rest == 0) {
      return tokens / shape.tokens();
    }
    int size = shape.headSize();
    for (int t = rest; t < shape.tokens(); t++) {
      System.arraycopy(keys, (rest - 1) * size, keys, t * size, size);
    }
    int group = tokens / shape.tokens();
    packer.packKeys(keys, smaller, head, group);
    for (int t = rest; t < shape.tokens(); t++) {
      smaller.copyValue(head, tokens - 1, smaller, group * shape.tokens() + t);
    }
    return group + 1;
  }
}
