package dev.kvpress.runtime.cache.packed;

import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.cache.BufferPool;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.LayerStore;
import java.util.BitSet;

/** Packs whole groups of the oldest tokens in full; the rest stays among the recent ones. */
final class Packing {
  private final BufferPool pool;
  private final HostLayerStore.Layout layout;
  private final BlockShape shape;
  private final int window;
  private final GroupPacker packer;
  // [g, D]
  private final float[] keys;
  private final float[] values;

  Packing(BufferPool pool, HostLayerStore.Layout layout, BlockShape shape, int window) {
    this.pool = pool;
    this.layout = layout;
    this.shape = shape;
    this.window = window;
    this.packer = new GroupPacker(shape);
    this.keys = new float[shape.tokens() * shape.headSize()];
    this.values = new float[shape.tokens() * shape.headSize()];
  }

  /** Groups that are packed of a head's tokens in full. */
  private int groups(int tokens) {
    return Math.max(0, tokens - window) / shape.tokens();
  }

  /** A store of what another one holds in full. */
  PackedLayerStore of(LayerStore full, LayerLedger ledger) {
    int heads = layout.batch() * layout.kvHeads();
    PackedSlots slots = PackedSlots.empty(heads);
    int most = 0;
    int longest = 0;
    for (int head = 0; head < heads; head++) {
      int length = ledger.length(head / layout.kvHeads(), head % layout.kvHeads());
      int packedTokens = groups(length) * shape.tokens();
      slots.packed(head).set(0, packedTokens);
      most = Math.max(most, groups(length));
      longest = Math.max(longest, length - packedTokens);
    }
    PackedGroups packed = new PackedGroups(pool, shape, heads, most);
    boolean done = false;
    try {
      RecentRows recent = RecentRows.cleared(pool, layout, longest, room(longest));
      PackedLayerStore store =
          PackedLayerStore.made(pool, layout, shape, window, slots, packed, recent.store());
      try {
        fill(store, recent, full.keys(ledger), full.values(ledger), ledger);
        done = true;
        return store;
      } finally {
        if (!done) {
          recent.store().close();
        }
      }
    } finally {
      if (!done) {
        packed.release();
      }
    }
  }

  private void fill(
      PackedLayerStore store,
      RecentRows recent,
      HeadVectors fullKeys,
      HeadVectors fullValues,
      LayerLedger ledger) {
    PackedGroups packed = store.groups();
    for (int head = 0; head < store.tokens().heads(); head++) {
      int row = head / layout.kvHeads();
      int kvHead = head % layout.kvHeads();
      int length = ledger.length(row, kvHead);
      int own = groups(length);
      for (int group = 0; group < own; group++) {
        int from = group * shape.tokens();
        fullKeys.read(row, kvHead, from, from + shape.tokens(), keys);
        fullValues.read(row, kvHead, from, from + shape.tokens(), values);
        pack(packed, head, group);
      }
      packed.clear(head, own, packed.groups() - own);
      int first = own * shape.tokens();
      recent.fill(head, fullKeys, fullValues, row, kvHead, first, length);
      store
          .tokens()
          .recent(head)
          .set(store.recent().slots() - length + first, store.recent().slots());
    }
  }

  private void pack(PackedGroups packed, int head, int group) {
    packer.packKeys(keys, packed, head, group);
    for (int t = 0; t < shape.tokens(); t++) {
      packer.packValue(values, t * shape.headSize(), packed, head, group * shape.tokens() + t);
    }
  }

  /** The recent part grows to this before a group of it is packed. */
  private int room(int rows) {
    return Math.max(rows, window + shape.tokens());
  }

  /** Whether some head has grown beyond the window by a group. */
  boolean isDue(PackedSlots slots) {
    for (int head = 0; head < slots.heads(); head++) {
      if (groups(slots.recentTokens(head)) > 0) {
        return true;
      }
    }
    return false;
  }

  /** Packs what has grown beyond the window by whole groups. */
  void packOldest(PackedLayerStore store) {
    PackedSlots slots = store.tokens();
    int[] before = new int[slots.heads()];
    int[] more = new int[slots.heads()];
    int most = store.groups().groups();
    for (int head = 0; head < before.length; head++) {
      before[head] = slots.groups(head, shape.tokens());
      more[head] = groups(slots.recentTokens(head));
      most = Math.max(most, before[head] + more[head]);
    }
    RecentRows source = new RecentRows(store.recent(), layout);
    PackedGroups larger = new PackedGroups(pool, shape, before.length, most);
    boolean done = false;
    try {
      for (int head = 0; head < before.length; head++) {
        store.groups().copyGroups(head, 0, before[head], larger, 0);
        for (int group = before[head]; group < before[head] + more[head]; group++) {
          take(source, slots.recent(head), head);
          pack(larger, head, group);
          slots.packed(head).set(group * shape.tokens(), (group + 1) * shape.tokens());
        }
        int own = before[head] + more[head];
        larger.clear(head, own, most - own);
      }
      shortenRecent(store, source);
      done = true;
      store.exchange(larger);
    } finally {
      if (!done) {
        larger.release();
      }
    }
  }

  /** Reads the oldest tokens of a head and takes them out. */
  private void take(RecentRows source, BitSet recent, int head) {
    int row = -1;
    for (int t = 0; t < shape.tokens(); t++) {
      row = recent.nextSetBit(row + 1);
      source.readKey(head, row, keys, t * shape.headSize());
      source.readValue(head, row, values, t * shape.headSize());
    }
    recent.clear(0, row + 1);
  }

  private void shortenRecent(PackedLayerStore store, RecentRows source) {
    PackedSlots slots = store.tokens();
    int rows = slots.mostRecent();
    RecentRows target = RecentRows.cleared(pool, layout, rows, room(rows));
    for (int head = 0; head < slots.heads(); head++) {
      BitSet own = slots.recent(head);
      target.fill(head, source, own);
      int tokens = own.cardinality();
      own.clear();
      own.set(rows - tokens, rows);
    }
    store.exchange(target.store());
  }

  /** Closes holes among the recent tokens. */
  void tidyRecent(PackedLayerStore store) {
    if (store.tokens().mostRecent() < store.recent().slots()) {
      shortenRecent(store, new RecentRows(store.recent(), layout));
    }
  }
}
