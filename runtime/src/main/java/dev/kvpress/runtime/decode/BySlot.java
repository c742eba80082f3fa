package dev.kvpress.runtime.decode;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.kernel.Workers;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.KeyValueMemory;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.cache.position.SlotFrame;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.SignalPorts;
import dev.kvpress.runtime.graph.TapRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** {@link Positions#ROLLED}. */
enum BySlot implements Standing {
  INSTANCE;

  @Override
  public Positions positions() {
    return Positions.ROLLED;
  }

  /** All rows begin at the same slot, so that padding stands where it lies and is counted. */
  @Override
  public PassPlaces places(List<LayerCache> layers, TokenBlock block, int[] next, int[] stepEnds) {
    SlotFrame frame = frame(layers);
    int[] first = new int[next.length];
    Arrays.setAll(first, b -> frame.next() + block.padding()[b]);
    int[] ends = new int[next.length];
    Arrays.setAll(ends, b -> longest(layers, b) + stepEnds[b] - next[b]);
    return new PassPlaces(
        layers.stream().map(layer -> new Turned(layer, frame)).toList(), first, ends);
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

  private static SlotFrame frame(List<LayerCache> layers) {
    return SlotFrame.over(layers.stream().map(LayerCache::ledger).toList());
  }

  @Override
  public DecoderModel.LoadedGraph graph(
      DecoderModel model, List<LayerCache> layers, AttentionForm form, TapRequest tap) {
    return model.rolled().load(tap);
  }

  @Override
  public boolean mayPassInPlace() {
    return false;
  }

  @Override
  public int next(List<LayerCache> layers, int inText) {
    return frame(layers).next();
  }

  @Override
  public ModelPress suited(ModelPress press) {
    return RolledForm.suited(press);
  }

  @Override
  public void requireFitting(ModelPress press, List<CacheEdit> edits) {
    RolledForm.requireKeysAsTheyAre(press, edits);
  }

  /** Presses see keys as the attention of the last pass did; nobody can turn them back. */
  @Override
  public void show(
      LayerSignals.Builder builder,
      DecoderModel model,
      List<LayerCache> layers,
      int index,
      int tokensSeen) {
    LayerCache layer = layers.get(index);
    SlotFrame frame = frame(layers);
    model
        .rotary()
        .ofLayer(index, frame.next())
        .ifPresent(
            turn ->
                builder.keys(
                    () -> frame.rotated(layer.store().keys(layer.ledger()), layer.ledger(), turn)));
  }

  @Override
  public Optional<String> refusal(CacheFormat format) {
    return Optional.of(
        "rolled positions turn the keys anew in each step, which takes them in full; keep the cache in full or leave positions true");
  }

  /** A layer whose cached tokens stand at their slots; all else is the layer's own. */
  private record Turned(LayerCache layer, SlotFrame frame) implements PassLayer {
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
