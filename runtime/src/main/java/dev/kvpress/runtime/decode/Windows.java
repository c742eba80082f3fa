package dev.kvpress.runtime.decode;

import dev.kvpress.presses.signal.LayerLedger;
import java.util.List;

/** Sliding windows of the fused operator, which counts places in the cache. */
final class Windows {
  private Windows() {}

  /**
   * Whether places are positions as far as windows go: nothing that one could reach has been
   * removed, or none is reached.
   *
   * @param end positions up to the end of the passes meant
   */
  static boolean arePositions(DecoderModel model, List<LayerCache> layers, int end) {
    for (int l = 0; l < layers.size(); l++) {
      int window = model.window(l);
      LayerLedger ledger = layers.get(l).ledger();
      if (window > 0 && end > window && ledger.length(0, 0) != ledger.tokensSeen(0)) {
        return false;
      }
    }
    return true;
  }
}
