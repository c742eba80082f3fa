package dev.kvpress.runtime.decode;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.signal.LayerLedger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The edits of all layers of a context: all are carried out or none.
 *
 * <p>Whatever can fail comes first: the checks, and new stores where keys and values are replaced
 * or a fork holds the old ones too. The other layers are then cut one after the other, each moving
 * into memory that the one before has given back, so that old and new caches never live side by
 * side.
 */
final class LayerEdits {
  private final List<LayerCache> layers;
  private final List<CacheEdit> edits;
  private final List<LayerLedger> after;
  private final List<Optional<PressState>> states;

  private LayerEdits(
      List<LayerCache> layers,
      List<CacheEdit> edits,
      List<LayerLedger> after,
      List<Optional<PressState>> states) {
    this.layers = layers;
    this.edits = edits;
    this.after = after;
    this.states = states;
  }

  /**
   * Checks all of them; nothing changes.
   *
   * @param layers the layers of a context, which {@link #apply} writes to
   * @throws IllegalArgumentException if an edit does not fit
   */
  static LayerEdits checked(List<LayerCache> layers, List<CacheEdit> edits) {
    List<LayerLedger> after = new ArrayList<>();
    List<Optional<PressState>> states = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      after.add(layers.get(l).checked(edits.get(l)));
      states.add(layers.get(l).ledger().stateAfter(edits.get(l)));
    }
    return new LayerEdits(layers, edits, after, states);
  }

  /** Which tokens each layer will hold. */
  List<LayerLedger> after() {
    return after;
  }

  /** Tokens that will be left, over rows, layers and KV heads. */
  long keptTokens() {
    return after.stream().mapToLong(LayerLedger::totalLength).sum();
  }

  /** Carries them out; if that fails, no layer has changed. */
  void apply() {
    Map<Integer, LayerCache> prepared = prepared();
    for (int l : shortestFirst()) {
      LayerCache next = prepared.get(l);
      if (next == null) {
        layers.get(l).cut(edits.get(l), states.get(l));
      } else {
        layers.get(l).close();
        layers.set(l, next);
      }
    }
  }

  /** What keeps most comes last, when most memory has been given back. */
  private int[] shortestFirst() {
    return IntStream.range(0, layers.size())
        .boxed()
        .sorted(Comparator.comparingLong(l -> after.get(l).totalLength()))
        .mapToInt(l -> l)
        .toArray();
  }

  private Map<Integer, LayerCache> prepared() {
    Map<Integer, LayerCache> prepared = new HashMap<>();
    boolean done = false;
    try {
      for (int l = 0; l < layers.size(); l++) {
        if (!layers.get(l).canCut(edits.get(l))) {
          prepared.put(l, layers.get(l).edited(edits.get(l)));
        }
      }
      done = true;
      return prepared;
    } finally {
      if (!done) {
        prepared.values().forEach(LayerCache::close);
      }
    }
  }
}
