package dev.kvpress.runtime.cache.packed;

import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.runtime.cache.HostLayerStore;
import java.nio.FloatBuffer;
import java.util.BitSet;

/** All tokens of a store in full, on the heap, without holes. */
final class Unpacking {
  private final PackedLayerStore store;
  private final HostLayerStore.Layout layout;
  private final BlockShape shape;
  private final GroupPacker packer;
  private final RecentRows recent;

  Unpacking(PackedLayerStore store, HostLayerStore.Layout layout) {
    this.store = store;
    this.layout = layout;
    this.shape = store.groups().shape();
    this.packer = new GroupPacker(shape);
    this.recent = new RecentRows(store.recent(), layout);
  }

  private interface Head {
    /** Writes the tokens of a head one behind another; where the next head begins is returned. */
    int write(int head, float[] into, int at);
  }

  HeadVectors keys() {
    return all(this::keys);
  }

  HeadVectors values() {
    return all(this::values);
  }

  private HeadVectors all(Head each) {
    PackedSlots slots = store.tokens();
    long tokens = slots.packedTokens() + slots.recentTokens();
    float[] numbers = new float[Math.toIntExact(tokens * shape.headSize())];
    int[] starts = new int[slots.heads()];
    int at = 0;
    for (int head = 0; head < starts.length; head++) {
      starts[head] = at;
      at = each.write(head, numbers, at);
    }
    return new HeadVectors(FloatBuffer.wrap(numbers), layout.kvHeads(), starts, shape.headSize());
  }

  private int keys(int head, float[] into, int first) {
    int size = shape.headSize();
    float[] group = new float[shape.tokens() * size];
    int at = first;
    int unpacked = -1;
    BitSet packed = store.tokens().packed(head);
    for (int slot = packed.nextSetBit(0); slot >= 0; slot = packed.nextSetBit(slot + 1)) {
      if (slot / shape.tokens() != unpacked) {
        unpacked = slot / shape.tokens();
        packer.unpackKeys(store.groups(), head, unpacked, group);
      }
      System.arraycopy(group, slot % shape.tokens() * size, into, at, size);
      at += size;
    }
    BitSet rows = store.tokens().recent(head);
    for (int row = rows.nextSetBit(0); row >= 0; row = rows.nextSetBit(row + 1)) {
      recent.readKey(head, row, into, at);
      at += size;
    }
    return at;
  }

  private int values(int head, float[] into, int first) {
    int at = first;
    BitSet packed = store.tokens().packed(head);
    for (int slot = packed.nextSetBit(0); slot >= 0; slot = packed.nextSetBit(slot + 1)) {
      packer.unpackValue(store.groups(), head, slot, into, at);
      at += shape.headSize();
    }
    BitSet rows = store.tokens().recent(head);
    for (int row = rows.nextSetBit(0); row >= 0; row = rows.nextSetBit(row + 1)) {
      recent.readValue(head, row, into, at);
      at += shape.headSize();
    }
    return at;
  }
}
