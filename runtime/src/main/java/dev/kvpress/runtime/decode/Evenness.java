package dev.kvpress.runtime.decode;

import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderInterface;
import java.util.List;
import java.util.Optional;

/**
 * Refuses caches with which a graph could not go on: without {@code cache_bias} all heads must hold
 * the same number of tokens, without past lengths of their own all layers, and without a mask over
 * the past all rows. Nothing is padded silently.
 */
final class Evenness {
  private final DecoderInterface ports;
  private final String model;

  private Evenness(DecoderInterface ports, String model) {
    this.ports = ports;
    this.model = model;
  }

  /** Why a graph cannot go on with caches of some shape; empty where it can. */
  static Optional<String> refusal(DecoderInterface ports, CacheShape shape) {
    if (shape == CacheShape.BY_HEAD && !ports.hasCacheBias()) {
      return Optional.of(
          "it keeps different numbers of tokens in different heads, and the graph has no cache_bias input to tell them apart");
    }
    if (shape.isAtLeast(CacheShape.BY_LAYER) && !ports.perLayerPast()) {
      return Optional.of(
          "it keeps different numbers of tokens in different layers, and the graph has one past length for all layers");
    }
    return Optional.empty();
  }

  /** Whether rows of different length can be told apart. */
  static boolean allowsUnevenRows(DecoderInterface ports) {
    return ports.masksText() || masksPast(ports) || (own(ports) && ports.hasCacheBias());
  }

  private static boolean own(DecoderInterface ports) {
    return ports.form() != AttentionForm.FOREIGN;
  }

  /** Own graphs read the columns of the new tokens only. */
  private static boolean masksPast(DecoderInterface ports) {
    return !ports.perLayerPast() && ports.attentionMask() != null;
  }

  /**
   * Checks what a press wants to leave.
   *
   * @throws ModelException naming the two lengths and what the graph lacks
   */
  static void require(DecoderInterface ports, String model, List<LayerLedger> layers) {
    if (!ports.perLayerPast() || !ports.hasCacheBias()) {
      new Evenness(ports, model).check(layers);
    }
  }

  private void check(List<LayerLedger> layers) {
    for (int l = 0; l < layers.size(); l++) {
      int batch = layers.get(l).batch();
      for (int b = 0; b < batch; b++) {
        int own = layers.get(l).length(b, 0);
        checkHeads(l, b, layers.get(l));
        int inFirstRow = layers.get(l).length(0, 0);
        if (own != inFirstRow && !allowsUnevenRows(ports)) {
          throw new ModelException(
              "the press keeps %d tokens in row 0 and %d in row %d of layer %d; the graph of model %s has neither cache_bias nor a mask over the past and needs the same number in every row"
                  .formatted(inFirstRow, own, b, l, model));
        }
        int inFirstLayer = layers.get(0).length(b, 0);
        if (own != inFirstLayer && !ports.perLayerPast()) {
          throw new ModelException(
              "the press keeps %d tokens in layer 0 and %d in layer %d; the graph of model %s has one past length for all layers"
                  .formatted(inFirstLayer, own, l, model));
        }
      }
    }
  }

  private void checkHeads(int index, int row, LayerLedger layer) {
    int first = layer.length(row, 0);
    for (int g = 1; g < layer.kvHeads(); g++) {
      int other = layer.length(row, g);
      if (other != first && !ports.hasCacheBias()) {
        throw new ModelException(
            "the press keeps %d tokens in KV head 0 and %d in KV head %d of layer %d; the graph of model %s has no cache_bias input and needs the same number in every head"
                .formatted(first, other, g, index, model));
      }
    }
  }
}
