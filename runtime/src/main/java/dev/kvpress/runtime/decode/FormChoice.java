package dev.kvpress.runtime.decode;

import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.PackedForm;
import dev.kvpress.runtime.graph.TapRequest;
import java.util.List;
import java.util.Optional;

/**
 * Which form of attention one pass goes through where the fused ones are allowed. They write into
 * one buffer in place and are faster; the decomposed one takes whatever there is.
 */
final class FormChoice {
  private final DecoderModel model;
  private final List<LayerCache> layers;

  FormChoice(DecoderModel model, List<LayerCache> layers) {
    this.model = model;
    this.layers = layers;
  }

  /**
   * Chooses.
   *
   * @param end positions up to the end of the pass, of the longest row
   * @param fusedAllowed whether the forms in place may be taken
   */
  AttentionForm of(TokenBlock block, TapRequest tap, int end, boolean fusedAllowed) {
    if (packed().isPresent()) {
      return AttentionForm.PACKED;
    }
    return fusedAllowed ? of(block, tap, end) : AttentionForm.DECOMPOSED;
  }

  /** The graph of a form; over packed tokens without a mask where there is nothing to mask. */
  DecoderModel.LoadedGraph load(AttentionForm form, TapRequest tap) {
    return form == AttentionForm.PACKED
        ? model.load(packed().orElseThrow(), hasHoles() ? tap : tap.withoutCacheBias())
        : model.load(form, tap);
  }

  /** Whether some slot of some head holds no token. */
  private boolean hasHoles() {
    for (LayerCache layer : layers) {
      LayerLedger ledger = layer.ledger();
      for (int b = 0; b < ledger.batch(); b++) {
        for (int g = 0; g < ledger.kvHeads(); g++) {
          if (ledger.length(b, g) != layer.slots()) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** The form of the packed tokens; empty where the cache is in full. */
  private Optional<PackedForm> packed() {
    return layers.get(0).packed().map(packed -> packed.shape().form());
  }

  private AttentionForm of(TokenBlock block, TapRequest tap, int end) {
    if (block.isPadded() || !placesArePositions(end)) {
      return AttentionForm.DECOMPOSED;
    }
    if (isEven()) {
      boolean fused = suitsFused(block) && model.fusedGives(tap);
      return fused ? AttentionForm.FUSED : AttentionForm.DECOMPOSED;
    }
    boolean byHead = block.columns() == 1 && tap.signals().isEmpty() && model.fusedGivesByHead();
    return byHead ? AttentionForm.FUSED_BY_HEAD : AttentionForm.DECOMPOSED;
  }

  /**
   * The form in place that single tokens may pass through up to a position; empty where there is
   * none.
   *
   * @param press what may cut the cache meanwhile; empty where nothing does
   */
  Optional<AttentionForm> inPlace(TapRequest tap, int end, Optional<ModelPress> press) {
    if (packed().isPresent()) {
      return Optional.empty();
    }
    boolean changes = press.isPresent();
    boolean staysEven = !changes || !press.get().leaves().isAtLeast(CacheShape.BY_HEAD);
    if (changes ? reachesWindow(end) : !placesArePositions(end)) {
      return Optional.empty();
    }
    if (isEven() && staysEven) {
      return model.fusedGives(tap) ? Optional.of(AttentionForm.FUSED) : Optional.empty();
    }
    return tap.signals().isEmpty() && model.fusedGivesByHead()
        ? Optional.of(AttentionForm.FUSED_BY_HEAD)
        : Optional.empty();
  }

  private boolean reachesWindow(int end) {
    for (int l = 0; l < layers.size(); l++) {
      if (model.window(l) > 0 && end > model.window(l)) {
        return true;
      }
    }
    return false;
  }

  private boolean isEven() {
    return layers.stream().allMatch(layer -> layer.ledger().isEven());
  }

  /** GroupQueryAttention refuses several queries of several rows on a cache. */
  static boolean suitsFused(TokenBlock block) {
    return block.batch() == 1 || block.columns() == 1;
  }

  /**
   * Whether windows that count places in the cache are right: nothing that a window could reach has
   * been removed from any head, or no window is reached.
   */
  private boolean placesArePositions(int end) {
    for (int l = 0; l < layers.size(); l++) {
      int window = model.window(l);
      if (window > 0 && end > window && !isWhole(layers.get(l).ledger())) {
        return false;
      }
    }
    return true;
  }

  private static boolean isWhole(LayerLedger ledger) {
    for (int b = 0; b < ledger.batch(); b++) {
      for (int g = 0; g < ledger.kvHeads(); g++) {
        if (ledger.length(b, g) != ledger.tokensSeen(b)) {
          return false;
        }
      }
    }
    return true;
  }
}
