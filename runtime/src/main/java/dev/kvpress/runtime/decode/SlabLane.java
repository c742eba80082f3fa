package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.graph.AttentionForm;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows through the fused graph, which writes into one buffer in place and is told the length of
 * each row. Heads of a row hold the same number of tokens.
 */
final class SlabLane extends JointLane<SlabLayer> {
  private final int mostRows;

  /**
   * A lane without rows.
   *
   * @param mostRows rows that it will ever hold
   */
  SlabLane(DecoderModel model, int mostRows) {
    this(model, mostRows, new ArrayList<>());
  }

  private SlabLane(DecoderModel model, int mostRows, List<BatchRow> rows) {
    super(model, AttentionForm.FUSED, rows, l -> new SlabLayer(model, rows, l));
    this.mostRows = mostRows;
  }

  @Override
  public void join(BatchRow row) {
    for (SlabLayer layer : layers) {
      makeRoom(layer, rows.size() + 1, layer.cache(row).ledger().maxLength());
    }
    row.sitDown(rows.size());
    rows.add(row);
    for (SlabLayer layer : layers) {
      layer.add(row, move(layer, row));
    }
  }

  /** Room for another token in every row; what is far too large is given back. */
  private void makeRoom(SlabLayer layer, int count, int length) {
    int slots = Math.max(layer.slots(), length) + 1;
    boolean fits = layer.rowCapacity() >= count && layer.capacity() >= slots;
    boolean tooLarge = layer.rowCapacity() > 3 * count || layer.capacity() > 3 * slots;
    if (!fits || tooLarge) {
      layer.resize(Math.min(mostRows, count + count / 2), slots + slots / 2);
    }
  }

  @Override
  public void leave(BatchRow row) {
    BatchRow last = rows.get(rows.size() - 1);
    for (SlabLayer layer : layers) {
      layer.remove(row, last);
    }
    rows.set(row.seat(), last);
    last.sitDown(row.seat());
    rows.remove(rows.size() - 1);
    if (rows.isEmpty()) {
      close();
    }
  }

  @Override
  public void edited(BatchRow row) {
    for (SlabLayer layer : layers) {
      if (layer.cache(row).store() instanceof LodgedStore lodged) {
        lodged.pending().ifPresent(move -> layer.edit(row, move));
      }
    }
  }

  @Override
  void prepare() {
    for (SlabLayer layer : layers) {
      makeRoom(layer, rows.size(), 0);
    }
  }
}
