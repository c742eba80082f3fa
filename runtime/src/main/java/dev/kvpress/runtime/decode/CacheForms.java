package dev.kvpress.runtime.decode;

import dev.kvpress.presses.CacheFormat;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.LayerStore;
import dev.kvpress.runtime.cache.LayerStores;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether and how the caches of a model are kept in fewer bits. */
final class CacheForms {
  private final DecoderModel model;

  CacheForms(DecoderModel model) {
    this.model = model;
  }

  /** Why its caches cannot be kept in a format; empty where they can. */
  Optional<String> refusal(CacheFormat format) {
    int headSize = model.info().headSize();
    if (headSize * format.bits() % Byte.SIZE != 0) {
      return Optional.of(
          "%d numbers of a head in %d bits fill no whole bytes".formatted(headSize, format.bits()));
    }
    return model.packedRefusal(LayerStores.shape(format, headSize).form());
  }

  /**
   * Refuses a format.
   *
   * @throws ModelException naming model, format and reason
   */
  void require(CacheFormat format) {
    refusal(format)
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "the cache of model %s cannot be kept in %s: %s"
                      .formatted(model.info().name(), format.describe(), reason));
            });
  }

  /** Packs all layers or none. */
  void pack(List<LayerCache> layers, HostLayerStore.Layout layout, CacheFormat format) {
    require(format);
    List<LayerStore> packed = new ArrayList<>();
    boolean done = false;
    try {
      for (LayerCache layer : layers) {
        packed.add(pack(packed.size(), layer, layout, format));
      }
      done = true;
      for (int l = 0; l < packed.size(); l++) {
        layers.get(l).take(packed.get(l));
      }
    } finally {
      if (!done) {
        packed.forEach(LayerStore::close);
      }
    }
  }

  private LayerStore pack(
      int index, LayerCache layer, HostLayerStore.Layout layout, CacheFormat format) {
    try {
      return LayerStores.in(format, model.pool(), layout, layer.store(), layer.ledger());
    } catch (IllegalArgumentException e) {
      throw new ModelException(
          "layer %d of model %s: %s"
              .formatted(index, model.info().name(), String.valueOf(e.getMessage())),
          e);
    }
  }
}
