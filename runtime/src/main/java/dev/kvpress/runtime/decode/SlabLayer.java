package dev.kvpress.runtime.decode;

import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.cache.KeyValueMemory;
import dev.kvpress.runtime.cache.RowMove;
import dev.kvpress.runtime.cache.RowTokens;
import dev.kvpress.runtime.cache.SlabStore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows one behind another in memory that the graph writes in place. */
final class SlabLayer extends JointLayer {
  private @Nullable SlabStore slab;

  SlabLayer(DecoderModel model, List<BatchRow> rows, int index) {
    super(model, rows, index);
  }

  private SlabStore slab() {
    return requireNonNull(slab, "no row is at home here");
  }

  @Override
  RowTokens tokens(BatchRow row, LayerLedger ledger) {
    return slab().row(row.seat(), RowTokens.counts(ledger));
  }

  /** Moves all rows into memory of another size, at least theirs. */
  void resize(int rowCapacity, int capacity) {
    SlabStore next = new SlabStore(model.pool(), layout, rowCapacity, capacity);
    for (BatchRow row : rows.subList(0, slab == null ? 0 : slab.rows())) {
      next.add(new RowMove(tokens(row, cache(row).ledger()), CacheEdit.none()));
    }
    close();
    slab = next;
  }

  /** Whether there is room for so many rows of so many slots. */
  boolean holds(int rowCapacity, int capacity) {
    return slab != null && slab.rowCapacity() >= rowCapacity && slab.capacity() >= capacity;
  }

  /** Rows there is room for. */
  int rowCapacity() {
    return slab == null ? 0 : slab.rowCapacity();
  }

  /** Slots there is room for in a row. */
  int capacity() {
    return slab == null ? 0 : slab.capacity();
  }

  /** Takes in the last row of the lane. */
  void add(BatchRow row, RowMove move) {
    slab().add(move);
    lodge(row);
  }

  /** Lets a row go; the last of the lane takes its seat. */
  void remove(BatchRow row, BatchRow last) {
    slab().remove(row.seat(), RowTokens.counts(cache(last).ledger()));
  }

  /** Carries out what the press of a row has decided. */
  void edit(BatchRow row, RowMove move) {
    slab().edit(row.seat(), move.tokens(), move.edit());
    lodge(row);
  }

  @Override
  long physicalBytes() {
    return slab == null ? 0 : slab.physicalBytes();
  }

  @Override
  int firstColumn(int columns, int own) {
    return 0;
  }

  @Override
  public KeyValueMemory writable(int newSlots, int reserve) {
    return slab();
  }

  /** Tokens of every head begin at its slot 0 here as it is. */
  @Override
  public KeyValueMemory writableByHead(int newSlots, int reserve) {
    return slab();
  }

  @Override
  void close() {
    if (slab != null) {
      slab.close();
      slab = null;
    }
  }
}
