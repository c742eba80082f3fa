package dev.kvpress.runtime.decode;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.kernel.Workers;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.KeyValueMemory;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.cache.position.SlotFrame;
import dev.kvpress.runtime.graph.SignalPorts;
import java.util.Arrays;
import java.util.List;

/**
 * Where the tokens of one pass stand, as the graph is told.
 *
 * @param layers the caches, which say where cached tokens stand
 * @param first {@code [B]}, of the first valid new token of each row
 * @param ends {@code [B]}, behind the whole step: the length that rotary frequencies may depend on
 */
record PassPlaces(List<? extends PassLayer> layers, int[] first, int[] ends) {

  /**
   * Those of a pass.
   *
   * @param next {@code [B]}, position in the text of each row's next token
   * @param stepEnds {@code [B]}, positions in the text up to the end of the whole step
   */
  static PassPlaces of(
      Positions positions, List<LayerCache> layers, TokenBlock block, int[] next, int[] stepEnds) {
    return switch (positions) {
      case TRUE -> new PassPlaces(layers, next, stepEnds);
      case ROLLED -> bySlot(layers, block, next, stepEnds);
    };
  }

  /** All rows begin at the same slot, so that padding stands where it lies and is counted. */
  private static PassPlaces bySlot(
      List<LayerCache> layers, TokenBlock block, int[] next, int[] stepEnds) {
    SlotFrame frame = frame(layers);
    int[] first = new int[next.length];
    Arrays.setAll(first, b -> frame.next() + block.padding()[b]);
    int[] ends = new int[next.length];
    Arrays.setAll(ends, b -> longest(layers, b) + stepEnds[b] - next[b]);
    return new PassPlaces(
        layers.stream().map(layer -> new BySlot(layer, frame)).toList(), first, ends);
  }

  /** Where slots stand before the next pass. */
  static SlotFrame frame(List<LayerCache> layers) {
    return SlotFrame.over(layers.stream().map(LayerCache::ledger).toList());
  }

  private static int longest(List<LayerCache> layers, int row) {
    int most = 0;
    for (LayerCache layer : layers) {
      for (int g = 0; g < layer.ledger().kvHeads(); g++) {
        most = Math.max(most, layer.length(row, g));
      }
    }
    return most;
  }

  /** A layer whose cached tokens stand at their slots; all else is the layer's own. */
  private record BySlot(LayerCache layer, SlotFrame frame) implements PassLayer {
    @Override
    public int slots() {
      return layer.slots();
    }

    @Override
    public ImmutableIntArray slotsOfRows() {
      return layer.slotsOfRows();
    }

    @Override
    public int length(int row, int kvHead) {
      return layer.length(row, kvHead);
    }

    @Override
    public int position(int row, int kvHead, int slot) {
      return frame.position(layer.length(row, kvHead), slot);
    }

    @Override
    public boolean holdsSameTokens(int row) {
      for (int g = 1; g < layer.ledger().kvHeads(); g++) {
        if (layer.length(row, g) != layer.length(row, 0)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public int tokensSeen(int row) {
      return layer.tokensSeen(row);
    }

    @Override
    public KeyValueMemory dense() {
      return layer.dense();
    }

    @Override
    public KeyValueMemory writable(int newSlots, int reserve) {
      return layer.writable(newSlots, reserve);
    }

    @Override
    public KeyValueMemory writableByHead(int newSlots, int reserve) {
      return layer.writableByHead(newSlots, reserve);
    }

    @Override
    public void observe(LayerCache.PassResult pass, SignalPorts ports, Workers workers) {
      layer.observe(pass, ports, workers);
    }

    @Override
    public void advance(int newSlots) {
      layer.advance(newSlots);
    }

    @Override
    public void replace(HostLayerStore present) {
      layer.replace(present);
    }
  }
}
