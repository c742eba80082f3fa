package dev.kvpress.runtime.decode;

import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.KeyValueMemory;
import dev.kvpress.runtime.cache.RowTokens;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows padded in front to the longest head of all, for graphs that tell padding from tokens. */
final class PaddedLayer extends JointLayer {
  private @Nullable HostLayerStore store;

  PaddedLayer(DecoderModel model, List<BatchRow> rows, int index) {
    super(model, rows, index);
  }

  @Override
  RowTokens tokens(BatchRow row, LayerLedger ledger) {
    HostLayerStore own = store();
    return RowTokens.rightAligned(layout, own, row.seat(), own.slots(), RowTokens.counts(ledger));
  }

  private HostLayerStore store() {
    return requireNonNull(store, "no row is at home here");
  }

  @Override
  long physicalBytes() {
    return store == null ? 0 : store.physicalBytes();
  }

  @Override
  int firstColumn(int columns, int own) {
    return columns - own;
  }

  @Override
  public KeyValueMemory dense() {
    return store();
  }

  @Override
  public void replace(HostLayerStore present) {
    close();
    store = present;
  }

  @Override
  void close() {
    if (store != null) {
      store.close();
      store = null;
    }
  }
}
