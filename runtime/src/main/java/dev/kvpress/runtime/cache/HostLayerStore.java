package dev.kvpress.runtime.cache;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.ZeroedChannels;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileTensor;
import dev.kvpress.runtime.graph.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keys and values in direct memory of the host, each as one tensor {@code [B, G, C, D]} of which at
 * most the first P slots of every head are in use (C = P unless room is kept for a graph that
 * writes in place).
 *
 * <p>Where heads have different length, their tokens either end at the same slot, with zeros before
 * them, or begin at slot 0, with nothing that anybody reads behind them; even heads do both. An
 * edit makes them end at the same slot; {@link #leftAligned} and {@link #dense} change that.
 *
 * <p>Immutable but for {@link #advance}: an edit makes new buffers out of whole runs of kept rows,
 * a fork shares the old ones.
 */
public final class HostLayerStore implements PassStore, KeyValueMemory {
  private final BufferPool pool;
  private final Layout layout;
  private final PooledBuffer keys;
  private final PooledBuffer values;
  private final int capacity;

  /** {@code [B*G]}, the slot behind the last token of each head. */
  private final int[] ends;

  private int slots;
  private boolean closed;

  /**
   * The sizes that never change.
   *
   * @param batch B
   * @param kvHeads G
   * @param headSize D
   * @param type element type of keys and values
   */
  public record Layout(int batch, int kvHeads, int headSize, ElementType type) {
    int rowBytes() {
      return headSize * type.bytes();
    }

    int heads() {
      return batch * kvHeads;
    }

    /** The same for another number of rows. */
    public Layout ofRows(int rows) {
      return new Layout(rows, kvHeads, headSize, type);
    }

    /** Bytes of keys (or values) for a number of slots. */
    public long bytes(int slots) {
      return (long) heads() * slots * rowBytes();
    }
  }

  private HostLayerStore(
      BufferPool pool,
      Layout layout,
      PooledBuffer keys,
      PooledBuffer values,
      int capacity,
      int[] ends) {
    this.pool = pool;
    this.layout = layout;
    this.keys = keys;
    this.values = values;
    this.capacity = capacity;
    this.ends = ends;
    this.slots = Arrays.stream(ends).max().orElse(0);
  }

  /**
   * A store with room for {@code capacity} slots of which none is in use.
   *
   * @param pool where its memory comes from and goes to
   */
  public static HostLayerStore empty(BufferPool pool, Layout layout, int capacity) {
    return ofSlots(pool, layout, capacity, 0, capacity);
  }

  /**
   * A dense store whose memory is not cleared and is about to be filled by a graph.
   *
   * @param slots P
   * @param expectedSlots slots to which the cache is about to grow in further passes: the memory is
   *     taken that large at once, so that two buffers serve all passes in turn
   */
  public static HostLayerStore unfilled(
      BufferPool pool, Layout layout, int slots, int expectedSlots) {
    return ofSlots(pool, layout, slots, slots, Math.max(slots, expectedSlots));
  }

  /** A store on mapped memory, which an edit or a pass in place copies first. */
  static HostLayerStore mapped(
      BufferPool pool, Layout layout, ByteBuffer keys, ByteBuffer values, int slots) {
    int[] ends = new int[layout.heads()];
    Arrays.fill(ends, slots);
    return new HostLayerStore(
        pool, layout, PooledBuffer.ofMapped(keys), PooledBuffer.ofMapped(values), slots, ends);
  }

  /**
   * A dense store of tokens that lie head after head without padding.
   *
   * @param keys {@code [N, D]}
   * @param values {@code [N, D]}
   */
  static HostLayerStore laid(
      BufferPool pool, Layout layout, ByteBuffer keys, ByteBuffer values, LayerLedger ledger) {
    int slots = ledger.maxLength();
    HostLayerStore store = ofSlots(pool, layout, slots, slots, slots);
    int from = 0;
    for (int head = 0; head < layout.heads(); head++) {
      int length = store.length(ledger, head);
      store.rows().clear(head * slots, slots - length);
      int to = ((head + 1) * slots - length) * layout.rowBytes();
      int bytes = length * layout.rowBytes();
      store.keys.bytes().put(to, keys, from, bytes);
      store.values.bytes().put(to, values, from, bytes);
      from += bytes;
    }
    return store;
  }

  @Override
  public SavedLayer saved(LayerLedger ledger) {
    return new SavedLayer(
        FullForm.NAME,
        List.of(saved(FullForm.KEYS, keys, ledger), saved(FullForm.VALUES, values, ledger)));
  }

  private FileTensor saved(String name, PooledBuffer buffer, LayerLedger ledger) {
    List<ByteBuffer> pieces = new ArrayList<>();
    for (int head = 0; head < ends.length; head++) {
      int length = length(ledger, head);
      int from = (head * capacity + ends[head] - length) * layout.rowBytes();
      pieces.add(buffer.bytes().slice(from, length * layout.rowBytes()));
    }
    List<Long> shape = List.of(ledger.totalLength(), (long) layout.headSize());
    return new FileTensor(name, FullForm.type(layout.type()), shape, pieces);
  }

  private static HostLayerStore ofSlots(
      BufferPool pool, Layout layout, int capacity, int slots, int memorySlots) {
    int[] ends = new int[layout.heads()];
    Arrays.fill(ends, slots);
    return ofEnds(pool, layout, capacity, ends, memorySlots);
  }

  private static HostLayerStore ofEnds(
      BufferPool pool, Layout layout, int capacity, int[] ends, int memorySlots) {
    PooledBuffer keys = pool.take(layout.bytes(memorySlots));
    try {
      return new HostLayerStore(
          pool, layout, keys, pool.take(layout.bytes(memorySlots)), capacity, ends);
    } catch (RuntimeException e) {
      keys.release();
      throw e;
    }
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public ByteBuffer keyBytes() {
    return keys.first(layout.bytes(capacity));
  }

  @Override
  public ByteBuffer valueBytes() {
    return values.first(layout.bytes(capacity));
  }

  @Override
  public KeyValueMemory memory() {
    return this;
  }

  @Override
  public HostLayerStore appended(HostLayerStore present) {
    close();
    return present;
  }

  @Override
  public HostLayerStore writable(int newSlots, int reserve) {
    int needed = slots + newSlots;
    return capacity < needed || !isWritable() ? withCapacity(room(needed, reserve)) : this;
  }

  @Override
  public HostLayerStore writableByHead(LayerLedger ledger, int newSlots, int reserve) {
    return isLeftAligned(ledger)
        ? writable(newSlots, reserve)
        : leftAligned(ledger, room(slots + newSlots, reserve));
  }

  /** What is reserved is known to suffice; only growth that nobody announced gets spare room. */
  private static int room(int needed, int reserve) {
    return reserve >= needed ? reserve : needed + needed / 2;
  }

  /** Whether a graph may write into the memory: nobody shares it. */
  public boolean isWritable() {
    return keys.isOwnedAlone() && values.isOwnedAlone();
  }

  @Override
  public void advance(int newSlots) {
    checkArgument(
        slots + newSlots <= capacity,
        "%s slots do not fit, %s are left",
        newSlots,
        capacity - slots);
    slots += newSlots;
    for (int head = 0; head < ends.length; head++) {
      ends[head] += newSlots;
    }
  }

  /** A copy with another capacity, at least the slots in use. */
  public HostLayerStore withCapacity(int newCapacity) {
    HostLayerStore copy = ofEnds(pool, layout, newCapacity, ends.clone(), newCapacity);
    for (int head = 0; head < layout.heads(); head++) {
      rows().copy(head * capacity, copy.rows(), head * newCapacity, ends[head]);
    }
    return copy;
  }

  /** Whether the tokens of every head begin at slot 0. */
  public boolean isLeftAligned(LayerLedger ledger) {
    for (int head = 0; head < ends.length; head++) {
      if (ends[head] != length(ledger, head)) {
        return false;
      }
    }
    return true;
  }

  /**
   * A copy in which the tokens of every head begin at slot 0.
   *
   * @param newCapacity at least the tokens of the longest head
   */
  public HostLayerStore leftAligned(LayerLedger ledger, int newCapacity) {
    int[] lengths = new int[ends.length];
    Arrays.setAll(lengths, head -> length(ledger, head));
    HostLayerStore copy = ofEnds(pool, layout, newCapacity, lengths, newCapacity);
    for (int head = 0; head < ends.length; head++) {
      int from = head * capacity + ends[head] - lengths[head];
      rows().copy(from, copy.rows(), head * newCapacity, lengths[head]);
    }
    return copy;
  }

  /** Whether there is no spare room and the tokens of all heads end at the last slot. */
  public boolean isDense() {
    return Arrays.stream(ends).allMatch(end -> end == capacity);
  }

  @Override
  public HostLayerStore dense(LayerLedger ledger) {
    return isDense() ? this : denseCopy(ledger);
  }

  private HostLayerStore denseCopy(LayerLedger ledger) {
    HostLayerStore copy = ofSlots(pool, layout, slots, slots, slots);
    for (int head = 0; head < ends.length; head++) {
      int length = length(ledger, head);
      int padding = slots - length;
      copy.rows().clear(head * slots, padding);
      int from = head * capacity + ends[head] - length;
      rows().copy(from, copy.rows(), head * slots + padding, length);
    }
    return copy;
  }

  private int length(LayerLedger ledger, int head) {
    return ledger.length(head / layout.kvHeads(), head % layout.kvHeads());
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
    EditChecks.check(layout, edit, before);
    HostLayerStore target = edit.kept().isPresent() ? cut(edit.kept().get(), before) : copy();
    boolean done = false;
    try {
      edit.keys().ifPresent(k -> target.overwrite(target.keys, k, edit, before));
      edit.values().ifPresent(v -> target.overwrite(target.values, v, edit, before));
      edit.zeroedChannels().ifPresent(target::zeroChannels);
      done = true;
    } finally {
      if (!done) {
        target.close();
      }
    }
    close();
    return target;
  }

  @Override
  public boolean canCut(CacheEdit edit) {
    return isWritable()
        && edit.keys().map(HeadVectors::isOnHeap).orElse(true)
        && edit.values().map(HeadVectors::isOnHeap).orElse(true);
  }

  /**
   * Where there is no memory for a smaller store, what is kept moves up within this one. Only for
   * what {@link #canCut} allows.
   */
  @Override
  public HostLayerStore cut(CacheEdit edit, LayerLedger before) {
    checkState(isWritable(), "a fork holds the memory too");
    try {
      return (HostLayerStore) apply(edit, before);
    } catch (ModelException noMemory) {
      return movedUp(edit, before);
    }
  }

  private HostLayerStore movedUp(CacheEdit edit, LayerLedger before) {
    int newSlots = edit.kept().map(KeptSlots::maxCount).orElse(slots);
    int[] newEnds = ends.clone();
    edit.kept().ifPresent(kept -> Arrays.fill(newEnds, newSlots));
    int newCapacity = edit.kept().isPresent() ? newSlots : capacity;
    HostLayerStore target = new HostLayerStore(pool, layout, keys, values, newCapacity, newEnds);
    closed = true;
    edit.kept().ifPresent(kept -> moveUp(kept, before, newSlots));
    edit.keys().ifPresent(k -> target.overwrite(target.keys, k, edit, before));
    edit.values().ifPresent(v -> target.overwrite(target.values, v, edit, before));
    edit.zeroedChannels().ifPresent(target::zeroChannels);
    return target;
  }

  /** Rows go to the front of their head's new place first, which is never behind the old one. */
  private void moveUp(KeptSlots kept, LayerLedger before, int newSlots) {
    for (int head = 0; head < layout.heads(); head++) {
      int row = head / layout.kvHeads();
      int kvHead = head % layout.kvHeads();
      int[] own = kept.of(row, kvHead);
      int first = head * newSlots;
      int source = head * capacity + ends[head] - before.length(row, kvHead);
      rows().copyKept(own, source, rows(), first);
      int padding = newSlots - own.length;
      rows().copy(first, rows(), first + padding, own.length);
      rows().clear(first, padding);
    }
  }

  private HostLayerStore copy() {
    return withCapacity(Math.max(slots, 1));
  }

  private HostLayerStore cut(KeptSlots kept, LayerLedger before) {
    int newSlots = kept.maxCount();
    HostLayerStore target = ofSlots(pool, layout, newSlots, newSlots, newSlots);
    for (int b = 0; b < layout.batch(); b++) {
      for (int g = 0; g < layout.kvHeads(); g++) {
        int head = b * layout.kvHeads() + g;
        int[] own = kept.of(b, g);
        int padding = newSlots - own.length;
        target.rows().clear(head * newSlots, padding);
        int source = head * capacity + ends[head] - before.length(b, g);
        rows().copyKept(own, source, target.rows(), head * newSlots + padding);
      }
    }
    return target;
  }

  private KeyValueRows rows() {
    return new KeyValueRows(keys.bytes(), values.bytes(), layout.rowBytes());
  }

  private void overwrite(
      PooledBuffer buffer, HeadVectors vectors, CacheEdit edit, LayerLedger before) {
    FloatBuffer floats = buffer.bytes().asFloatBuffer();
    float[] row = new float[layout.headSize()];
    for (int b = 0; b < layout.batch(); b++) {
      for (int g = 0; g < layout.kvHeads(); g++) {
        int head = b * layout.kvHeads() + g;
        int count = edit.kept().isPresent() ? edit.kept().get().count(b, g) : before.length(b, g);
        for (int i = 0; i < count; i++) {
          vectors.read(b, g, i, row);
          floats.put((head * capacity + ends[head] - count + i) * layout.headSize(), row);
        }
      }
    }
  }

  private void zeroChannels(ZeroedChannels zeroed) {
    for (int head = 0; head < layout.heads(); head++) {
      int[] channels = zeroed.of(head / layout.kvHeads(), head % layout.kvHeads());
      rows().zeroChannels(head * capacity, ends[head], channels, layout.type().bytes());
    }
  }

  @Override
  public LayerStore fork() {
    return new HostLayerStore(pool, layout, keys.retain(), values.retain(), capacity, ends.clone());
  }

  @Override
  public HeadVectors keys(LayerLedger ledger) {
    return view(keys, ledger);
  }

  @Override
  public HeadVectors values(LayerLedger ledger) {
    return view(values, ledger);
  }

  private HeadVectors view(PooledBuffer buffer, LayerLedger ledger) {
    int[] starts = new int[layout.heads()];
    for (int head = 0; head < starts.length; head++) {
      starts[head] = (head * capacity + ends[head] - length(ledger, head)) * layout.headSize();
    }
    ByteBuffer bytes = buffer.bytes().duplicate().order(ByteOrder.nativeOrder());
    FloatBuffer floats =
        layout.type() == ElementType.FLOAT32
            ? bytes.asFloatBuffer()
            : HalfFloats.widen(bytes, layout.type(), layout.bytes(capacity));
    return new HeadVectors(floats, layout.kvHeads(), starts, layout.headSize());
  }

  @Override
  public int bytesPerToken() {
    return 2 * layout.rowBytes();
  }

  @Override
  public long physicalBytes() {
    return 2 * layout.bytes(capacity);
  }

  @Override
  public void close() {
    // A second release would take the memory away from a fork.
    if (!closed) {
      closed = true;
      keys.release();
      values.release();
    }
  }
}
