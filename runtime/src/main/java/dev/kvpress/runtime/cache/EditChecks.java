package dev.kvpress.runtime.cache;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.ZeroedChannels;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.graph.ElementType;

/** Whether an edit fits the cache of a layer, before anything is carried out. */
public final class EditChecks {
  private EditChecks() {}

  /**
   * Checks it.
   *
   * @throws IllegalArgumentException naming what does not fit
   */
  public static void check(HostLayerStore.Layout layout, CacheEdit edit, LayerLedger before) {
    checkArgument(
        layout.type() == ElementType.FLOAT32 || (edit.keys().isEmpty() && edit.values().isEmpty()),
        "keys and values can be replaced in float32 caches only, this one is %s",
        layout.type());
    edit.keys().ifPresent(vectors -> checkSize(layout, vectors));
    edit.values().ifPresent(vectors -> checkSize(layout, vectors));
    edit.zeroedChannels().ifPresent(zeroed -> checkChannels(layout, zeroed));
    if (edit.kept().isEmpty()) {
      return;
    }
    KeptSlots kept = edit.kept().get();
    checkArgument(
        kept.batch() == layout.batch() && kept.kvHeads() == layout.kvHeads(),
        "the edit is for %s rows and %s KV heads, the cache has %s and %s",
        kept.batch(),
        kept.kvHeads(),
        layout.batch(),
        layout.kvHeads());
    for (int b = 0; b < layout.batch(); b++) {
      for (int g = 0; g < layout.kvHeads(); g++) {
        int count = kept.count(b, g);
        checkArgument(
            count == 0 || kept.slot(b, g, count - 1) < before.length(b, g),
            "the edit keeps slot %s of row %s, KV head %s, which holds %s tokens",
            count == 0 ? -1 : kept.slot(b, g, count - 1),
            b,
            g,
            before.length(b, g));
      }
    }
  }

  private static void checkChannels(HostLayerStore.Layout layout, ZeroedChannels zeroed) {
    for (int head = 0; head < layout.heads(); head++) {
      for (int channel : zeroed.of(head / layout.kvHeads(), head % layout.kvHeads())) {
        checkArgument(
            channel >= 0 && channel < layout.headSize(),
            "the edit zeroes channel %s, keys have %s",
            channel,
            layout.headSize());
      }
    }
  }

  private static void checkSize(HostLayerStore.Layout layout, HeadVectors vectors) {
    checkArgument(
        vectors.size() == layout.headSize(),
        "replaced keys and values must be vectors of %s, found %s",
        layout.headSize(),
        vectors.size());
  }
}
