package dev.kvpress.runtime.cache;

import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.cache.packed.BlockShape;
import dev.kvpress.runtime.cache.packed.PackedLayerStore;

/** The one place where the form of a cache is chosen; everybody else knows the interfaces. */
public final class LayerStores {
  private LayerStores() {}

  /** A store without tokens, in the numbers that passes compute (float32, float16 or bfloat16). */
  public static LayerStore empty(BufferPool pool, HostLayerStore.Layout layout) {
    return HostLayerStore.empty(pool, layout, 0);
  }

  /**
   * A store of the same tokens in a format; the other one stays as it is.
   *
   * @throws IllegalArgumentException if they cannot be held so: the cache is not float32, its head
   *     size does not fit, or numbers are not finite
   */
  public static LayerStore in(
      CacheFormat format,
      BufferPool pool,
      HostLayerStore.Layout layout,
      LayerStore store,
      LayerLedger ledger) {
    return PackedLayerStore.of(
        pool, layout, shape(format, layout.headSize()), format.residual(), store, ledger);
  }

  /** How a format lies in memory. */
  public static BlockShape shape(CacheFormat format, int headSize) {
    return BlockShape.of(format.bits(), format.group(), headSize);
  }
}
