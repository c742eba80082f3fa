package dev.kvpress.runtime.decode;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.kernel.Workers;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.KeyValueMemory;
import dev.kvpress.runtime.cache.packed.PackedTensors;
import dev.kvpress.runtime.graph.SignalPorts;
import java.util.Optional;

/**
 * The cached tokens of one layer as a pass needs them: those of one context, or of rows of several
 * that pass together.
 */
interface PassLayer {
  /** P, slots of the past that the graph is told of; of the longest head of the longest row. */
  int slots();

  /** {@code [B]}, slots of each row where the cache is written in place. */
  ImmutableIntArray slotsOfRows();

  /** Tokens of one head that are in the cache. */
  int length(int row, int kvHead);

  /** Original position of a cached token. */
  int position(int row, int kvHead, int slot);

  /**
   * The first slot from some slot on that holds a token of one head; {@link #slots} or more where
   * there is none. Most often the tokens are the last ones of the slots.
   */
  default int nextToken(int row, int kvHead, int from) {
    return Math.max(from, slots() - length(row, kvHead));
  }

  /** What lies in fewer bits, in the slots before the past; empty for caches in full. */
  default Optional<PackedTensors> packed() {
    return Optional.empty();
  }

  /** Whether all heads of a row hold the same tokens. */
  boolean holdsSameTokens(int row);

  /** Tokens of one row that have passed, evicted ones included. */
  int tokensSeen(int row);

  /** The past {@code [B, G, P, D]}, tokens right aligned, for graphs that append. */
  KeyValueMemory dense();

  /**
   * Past and present in one, {@code [B, G, C, D]} with C at least P + newSlots.
   *
   * @param reserve slots to make room for where more room is needed
   */
  KeyValueMemory writable(int newSlots, int reserve);

  /**
   * {@link #writable} with the tokens of every head from slot 0 on, so that heads of any length
   * grow behind their last token.
   */
  KeyValueMemory writableByHead(int newSlots, int reserve);

  /** Books tokens and signals of a pass that has run; see {@link LayerCache#observe}. */
  void observe(LayerCache.PassResult pass, SignalPorts ports, Workers workers);

  /** Takes slots into use that the graph has written in place. */
  void advance(int newSlots);

  /** Takes the present that a graph has appended to; the past is given back. */
  void replace(HostLayerStore present);
}
