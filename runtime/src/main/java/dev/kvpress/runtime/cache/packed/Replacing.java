package dev.kvpress.runtime.cache.packed;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.runtime.cache.HostLayerStore;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;

/** Writes other keys and values; groups of which none has changed keep their codes. */
final class Replacing {
  private final PackedLayerStore store;
  private final HostLayerStore.Layout layout;
  private final BlockShape shape;
  private final GroupPacker packer;
  private final RecentRows recent;
  private final float[] vector;
  // [g, D]
  private final float[] old;
  private final float[] keys;

  /** Of a store whose memory nobody shares. */
  Replacing(PackedLayerStore store, HostLayerStore.Layout layout) {
    this.store = store;
    this.layout = layout;
    this.shape = store.groups().shape();
    this.packer = new GroupPacker(shape);
    this.recent = new RecentRows(store.recent(), layout);
    this.vector = new float[shape.headSize()];
    this.old = new float[shape.tokens() * shape.headSize()];
    this.keys = new float[shape.tokens() * shape.headSize()];
  }

  /** Carries out that part of an edit; tokens that go have gone already. */
  void replace(CacheEdit edit) {
    for (int head = 0; head < store.tokens().heads(); head++) {
      replaceKeys(edit.keys(), head);
      replaceValues(edit.values(), head);
    }
  }

  private void replaceKeys(Optional<HeadVectors> replaced, int head) {
    if (replaced.isEmpty()) {
      return;
    }
    int index = 0;
    for (int group = 0; group < store.groups().groups(); group++) {
      int tokens = store.tokens().tokensOfGroup(head, group, shape.tokens());
      if (tokens > 0) {
        replaceGroup(replaced.get(), head, group, index);
        index += tokens;
      }
    }
    BitSet rows = store.tokens().recent(head);
    for (int row = rows.nextSetBit(0); row >= 0; row = rows.nextSetBit(row + 1)) {
      read(replaced.get(), head, index++);
      recent.writeKey(head, row, vector);
    }
  }

  private void replaceGroup(HeadVectors replaced, int head, int group, int firstIndex) {
    int size = shape.headSize();
    packer.unpackKeys(store.groups(), head, group, old);
    BitSet slots = store.tokens().packed(head);
    int first = group * shape.tokens();
    int index = firstIndex;
    boolean changed = false;
    for (int t = 0; t < shape.tokens(); t++) {
      if (slots.get(first + t)) {
        read(replaced, head, index++);
        changed |= !Arrays.equals(vector, 0, size, old, t * size, (t + 1) * size);
      } else if (index == firstIndex) {
        // A hole before the first token.
        read(replaced, head, index);
      }
      System.arraycopy(vector, 0, keys, t * size, size);
    }
    if (changed) {
      packer.packKeys(keys, store.groups(), head, group);
    }
  }

  private void replaceValues(Optional<HeadVectors> replaced, int head) {
    if (replaced.isEmpty()) {
      return;
    }
    int index = 0;
    BitSet slots = store.tokens().packed(head);
    for (int slot = slots.nextSetBit(0); slot >= 0; slot = slots.nextSetBit(slot + 1)) {
      read(replaced.get(), head, index++);
      // What was unpacked gives the same codes again.
      packer.packValue(vector, 0, store.groups(), head, slot);
    }
    BitSet rows = store.tokens().recent(head);
    for (int row = rows.nextSetBit(0); row >= 0; row = rows.nextSetBit(row + 1)) {
      read(replaced.get(), head, index++);
      recent.writeValue(head, row, vector);
    }
  }

  private void read(HeadVectors replaced, int head, int index) {
    replaced.read(head / layout.kvHeads(), head % layout.kvHeads(), index, vector);
  }
}
