package dev.kvpress.runtime.decode;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.DecoderInterface;
import java.util.List;

/**
 * Refuses edits after which a foreign graph could not go on: it knows one past length for all
 * layers and one mask for all heads. Nothing is padded silently.
 */
final class Evenness {
  private Evenness() {}

  static void require(
      DecoderInterface ports, String model, List<LayerCache> layers, List<CacheEdit> edits) {
    if (ports.perLayerPast() && ports.hasCacheBias()) {
      return;
    }
    int firstLength = -1;
    for (int l = 0; l < layers.size(); l++) {
      for (int b = 0; b < layers.get(l).ledger().batch(); b++) {
        int headLength = length(layers.get(l), edits.get(l), b, 0);
        for (int g = 1; g < layers.get(l).ledger().kvHeads(); g++) {
          int other = length(layers.get(l), edits.get(l), b, g);
          if (other != headLength && !ports.hasCacheBias()) {
            throw new ModelException(
                "the press keeps %d tokens in KV head 0 and %d in KV head %d of layer %d; the graph of model %s has no cache_bias input and needs the same number in every head"
                    .formatted(headLength, other, g, l, model));
          }
        }
        if (b == 0 && l == 0) {
          firstLength = headLength;
        }
        if (b == 0 && headLength != firstLength && !ports.perLayerPast()) {
          throw new ModelException(
              "the press keeps %d tokens in layer 0 and %d in layer %d; the graph of model %s has one past length for all layers"
                  .formatted(firstLength, headLength, l, model));
        }
      }
    }
  }

  private static int length(LayerCache layer, CacheEdit edit, int row, int kvHead) {
    return edit.kept()
        .map(kept -> kept.count(row, kvHead))
        .orElseGet(() -> layer.ledger().length(row, kvHead));
  }
}
