package dev.kvpress.runtime.cache.packed;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.ZeroedChannels;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.BufferPool;
import dev.kvpress.runtime.cache.EditChecks;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.KeyValueMemory;
import dev.kvpress.runtime.cache.LayerStore;
import dev.kvpress.runtime.cache.PassStore;
import dev.kvpress.runtime.cache.SavedLayer;
import dev.kvpress.runtime.cache.packed.PackedGroups.Part;
import dev.kvpress.runtime.graph.ElementType;
import java.util.Optional;

/**
 * Keys and values in 8, 4 or 2 bits, but for the most recent tokens of each head, which lie in
 * full. Slots are the packed part, N groups of g tokens, and then the recent one.
 *
 * <p>New tokens come to the recent part; once that is longer than its window by a whole group, the
 * oldest group is packed before the next pass. A token that is evicted leaves a hole, so that the
 * codes of those that stay remain as they were. Holes are closed ({@link Regrouping}) only where
 * that makes the memory smaller and at least half of a head's packed slots are holes: between two
 * times at which a token is packed anew, at least as many tokens of its head have gone as are left,
 * and each time adds at most half a step of its new grid to its error. Values have grids of their
 * own and are only moved.
 *
 * <p>Edits share what they do not change with the store before and its forks.
 */
public final class PackedLayerStore implements PassStore {
  private final BufferPool pool;
  private final HostLayerStore.Layout layout;
  private final BlockShape shape;
  private final int window;
  private final PackedSlots slots;
  private PackedGroups packed;
  private HostLayerStore recent;
  private boolean closed;

  private PackedLayerStore(
      BufferPool pool,
      HostLayerStore.Layout layout,
      BlockShape shape,
      int window,
      PackedSlots slots,
      PackedGroups packed,
      HostLayerStore recent) {
    this.pool = pool;
    this.layout = layout;
    this.shape = shape;
    this.window = window;
    this.slots = slots;
    this.packed = packed;
    this.recent = recent;
  }

  /**
   * Packs what another store holds, which stays as it is.
   *
   * @param layout float32
   * @param window most recent tokens of each head that stay in full, not negative; up to a group
   *     more of them do
   * @throws IllegalArgumentException naming the channel of a head whose numbers cannot be packed
   */
  public static PackedLayerStore of(
      BufferPool pool,
      HostLayerStore.Layout layout,
      BlockShape shape,
      int window,
      LayerStore full,
      LayerLedger ledger) {
    checkArgument(
        layout.type() == ElementType.FLOAT32,
        "float32 caches can be quantised, this one is %s",
        layout.type());
    checkArgument(window >= 0, "the window must not be negative, found %s", window);
    return new Packing(pool, layout, shape, window).of(full, ledger);
  }

  /** What {@link Packing} has made, on memory that is its own from here on. */
  static PackedLayerStore made(
      BufferPool pool,
      HostLayerStore.Layout layout,
      BlockShape shape,
      int window,
      PackedSlots slots,
      PackedGroups packed,
      HostLayerStore recent) {
    return new PackedLayerStore(pool, layout, shape, window, slots, packed, recent);
  }

  /** P, slots of the packed part. */
  private int packedSlots() {
    return packed.groups() * shape.tokens();
  }

  @Override
  public int slots() {
    return packedSlots() + recent.slots();
  }

  @Override
  public int nextToken(LayerLedger ledger, int head, int from) {
    if (from < packedSlots()) {
      int slot = slots.packed(head).nextSetBit(from);
      if (slot >= 0) {
        return slot;
      }
    }
    int slot = slots.recent(head).nextSetBit(Math.max(0, from - packedSlots()));
    return slot < 0 ? slots() : packedSlots() + slot;
  }

  @Override
  public boolean isRightAligned(LayerLedger ledger) {
    for (int head = 0; head < slots.heads(); head++) {
      int length = ledger.length(head / layout.kvHeads(), head % layout.kvHeads());
      if (length > 0 && nextToken(ledger, head, 0) != slots() - length) {
        return false;
      }
    }
    return true;
  }

  @Override
  public KeyValueMemory memory() {
    return recent;
  }

  @Override
  public Optional<PackedTensors> packed() {
    return Optional.of(
        new PackedTensors(
            shape,
            packed.groups(),
            packed.tensor(Part.KEY_CODES),
            packed.tensor(Part.KEY_SCALES),
            packed.tensor(Part.KEY_MINIMA),
            packed.tensor(Part.VALUE_CODES),
            packed.tensor(Part.VALUE_SCALES),
            packed.tensor(Part.VALUE_MINIMA)));
  }

  /**
   * Packs the oldest tokens where they have grown beyond the window by a group.
   *
   * @throws IllegalArgumentException naming the channel of a head whose numbers cannot be packed;
   *     the store is as it was
   */
  @Override
  public PassStore dense(LayerLedger ledger) {
    Packing packing = new Packing(pool, layout, shape, window);
    if (!packing.isDue(slots)) {
      return this;
    }
    PackedLayerStore next = share();
    boolean done = false;
    try {
      packing.packOldest(next);
      done = true;
      return next;
    } finally {
      if (!done) {
        next.close();
      }
    }
  }

  @Override
  public PassStore writable(int newSlots, int reserve) {
    throw new IllegalStateException("a quantised cache is not written in place");
  }

  @Override
  public PassStore writableByHead(LayerLedger ledger, int newSlots, int reserve) {
    throw new IllegalStateException("a quantised cache is not written in place");
  }

  @Override
  public void advance(int newSlots) {
    throw new IllegalStateException("a quantised cache is not written in place");
  }

  @Override
  public PassStore appended(HostLayerStore present) {
    PackedLayerStore next = share();
    int before = recent.slots();
    next.exchange(present);
    for (int head = 0; head < slots.heads(); head++) {
      next.slots.recent(head).set(before, present.slots());
    }
    close();
    return next;
  }

  @Override
  public void check(CacheEdit edit, LayerLedger before) {
    EditChecks.check(layout, edit, before);
  }

  @Override
  public LayerStore apply(CacheEdit edit, LayerLedger before) {
    if (edit.changesNothing()) {
      return this;
    }
    check(edit, before);
    PackedLayerStore next = share();
    boolean done = false;
    try {
      edit.kept().ifPresent(next.slots::keep);
      if (edit.keys().isPresent() || edit.values().isPresent()) {
        next.own();
        new Replacing(next, layout).replace(edit);
      }
      edit.zeroedChannels().ifPresent(next::zeroChannels);
      edit.kept().ifPresent(kept -> next.tidy());
      done = true;
    } finally {
      if (!done) {
        next.close();
      }
    }
    close();
    return next;
  }

  /** Taking tokens out takes no memory, so it never fails, shared or not. */
  @Override
  public boolean canCut(CacheEdit edit) {
    return edit.keys().isEmpty() && edit.values().isEmpty() && edit.zeroedChannels().isEmpty();
  }

  @Override
  public LayerStore cut(CacheEdit edit, LayerLedger before) {
    checkState(canCut(edit), "an edit that writes can fail");
    edit.kept().ifPresent(slots::keep);
    edit.kept().ifPresent(kept -> tidy());
    return this;
  }

  /** Closes holes where that is worth it; where there is no memory for it they stay. */
  private void tidy() {
    try {
      new Packing(pool, layout, shape, window).tidyRecent(this);
      new Regrouping(pool, shape).tidy(this);
    } catch (ModelException noMemory) {
      // Holes are masked, and closed after another edit.
    }
  }

  private void zeroChannels(ZeroedChannels zeroed) {
    own();
    RecentRows rows = new RecentRows(recent, layout);
    for (int head = 0; head < slots.heads(); head++) {
      for (int channel : zeroed.of(head / layout.kvHeads(), head % layout.kvHeads())) {
        rows.zeroChannel(head, channel);
        for (int group = 0; group < packed.groups(); group++) {
          packed.zeroChannel(head, group, channel);
        }
      }
    }
  }

  /** Takes copies of memory that others hold too, before it is written to. */
  private void own() {
    if (!packed.isOwnedAlone()) {
      PackedGroups copy = new PackedGroups(pool, shape, slots.heads(), packed.groups());
      for (int head = 0; head < slots.heads(); head++) {
        packed.copyGroups(head, 0, packed.groups(), copy, 0);
      }
      exchange(copy);
    }
    if (!recent.isWritable()) {
      exchange(recent.withCapacity(Math.max(1, recent.slots())));
    }
  }

  /** Which slots hold tokens. */
  PackedSlots tokens() {
    return slots;
  }

  PackedGroups groups() {
    return packed;
  }

  HostLayerStore recent() {
    return recent;
  }

  /** Takes other groups, whose slots the caller has set. */
  void exchange(PackedGroups next) {
    packed.release();
    packed = next;
  }

  /** Takes other recent rows, whose slots the caller sets. */
  void exchange(HostLayerStore next) {
    recent.close();
    recent = next;
  }

  private PackedLayerStore share() {
    return new PackedLayerStore(
        pool, layout, shape, window, slots.copy(), packed.retain(), (HostLayerStore) recent.fork());
  }

  @Override
  public LayerStore fork() {
    return share();
  }

  /** Keys {@code [B, G, S, D]}, unpacked for whoever asks and garbage once nobody holds them. */
  @Override
  public HeadVectors keys(LayerLedger ledger) {
    return new Unpacking(this, layout).keys();
  }

  /** Values {@code [B, G, S, D]}, unpacked for whoever asks and garbage once nobody holds them. */
  @Override
  public HeadVectors values(LayerLedger ledger) {
    return new Unpacking(this, layout).values();
  }

  @Override
  public Optional<CacheFormat> format() {
    return Optional.of(new CacheFormat(shape.bits(), shape.tokens(), window));
  }

  @Override
  public boolean viewsAreCopies() {
    return true;
  }

  @Override
  public SavedLayer saved(LayerLedger ledger) {
    return SavedPackedForm.saved(this, layout, window);
  }

  @Override
  public int bytesPerToken() {
    return recent.bytesPerToken();
  }

  @Override
  public long logicalBytes(LayerLedger ledger) {
    return shape.bytesOf(slots.packedTokens()) + slots.recentTokens() * recent.bytesPerToken();
  }

  @Override
  public long physicalBytes() {
    return packed.physicalBytes() + recent.physicalBytes();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      packed.release();
      recent.close();
    }
  }
}
