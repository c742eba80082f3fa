package dev.kvpress.runtime.cache;

import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.cache.packed.PackedTensors;
import java.util.Optional;

/** A store with memory of its own, and what a pass needs of that. */
public interface PassStore extends LayerStore {

  /** Memory of the tokens that lie in full precision, the last of the slots. */
  KeyValueMemory memory();

  /** What lies before them in fewer bits; empty for stores in full precision. */
  default Optional<PackedTensors> packed() {
    return Optional.empty();
  }

  /** The store as graphs need it that append: no spare room behind the tokens. */
  PassStore dense(LayerLedger ledger);

  /**
   * The store as graphs need it that write in place: with room, not shared with a fork.
   *
   * @param reserve slots to make room for where more room is needed; below the need, half of it is
   *     added
   * @throws IllegalStateException if tokens of this form cannot be written in place
   */
  PassStore writable(int newSlots, int reserve);

  /** {@link #writable} with the tokens of every head from slot 0 on. */
  PassStore writableByHead(LayerLedger ledger, int newSlots, int reserve);

  /** Takes slots into use that a graph has written in place. */
  void advance(int newSlots);

  /**
   * The store after a pass that has appended.
   *
   * @param present what was in {@link #memory} and the new tokens behind it
   * @return the store with the new tokens; this one, and {@code present} unless it is that store,
   *     are closed by it
   */
  PassStore appended(HostLayerStore present);
}
