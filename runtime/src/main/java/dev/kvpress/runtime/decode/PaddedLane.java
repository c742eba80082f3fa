package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.RowMove;
import dev.kvpress.runtime.graph.AttentionForm;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows of any shape through the graph out of standard operators: heads and rows of different length
 * are padded and masked. What edits, comers and goers change is laid anew once before a pass.
 */
final class PaddedLane extends JointLane<PaddedLayer> {
  private boolean changed;

  PaddedLane(DecoderModel model) {
    this(model, new ArrayList<>());
  }

  private PaddedLane(DecoderModel model, List<BatchRow> rows) {
    super(model, AttentionForm.DECOMPOSED, rows, l -> new PaddedLayer(model, rows, l));
  }

  @Override
  public void join(BatchRow row) {
    rows.add(row);
    changed = true;
  }

  @Override
  public void leave(BatchRow row) {
    rows.remove(row);
    changed = true;
    if (rows.isEmpty()) {
      close();
    }
  }

  @Override
  public void edited(BatchRow row) {
    for (PaddedLayer layer : layers) {
      changed |=
          layer.cache(row).store() instanceof LodgedStore lodged && lodged.pending().isPresent();
    }
  }

  @Override
  public long bytesAtMost() {
    return bytesAtMost(rows);
  }

  @Override
  public long bytesAtMostWith(BatchRow row) {
    return bytesAtMost(rowsWith(row));
  }

  /** Whatever a pass or a new lay-out reads stands beside what it writes. */
  private long bytesAtMost(List<BatchRow> some) {
    return 2 * layers.stream().mapToLong(layer -> bytesAtMost(layer, some)).sum();
  }

  @Override
  public void tidy() {
    // It takes what its longest row needs.
  }

  @Override
  void prepare() {
    if (!changed) {
      return;
    }
    List<HostLayerStore> next = new ArrayList<>();
    boolean done = false;
    try {
      for (PaddedLayer layer : layers) {
        List<RowMove> moves = rows.stream().map(row -> move(layer, row)).toList();
        next.add(RowMove.lay(model.pool(), layer.layout, moves));
      }
      done = true;
    } finally {
      if (!done) {
        next.forEach(HostLayerStore::close);
      }
    }
    for (int r = 0; r < rows.size(); r++) {
      rows.get(r).sitDown(r);
    }
    for (int l = 0; l < layers.size(); l++) {
      PaddedLayer layer = layers.get(l);
      layer.replace(next.get(l));
      rows.forEach(layer::lodge);
    }
    changed = false;
  }
}
