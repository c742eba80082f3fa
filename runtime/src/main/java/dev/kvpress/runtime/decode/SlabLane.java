package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.cache.BufferPool;
import dev.kvpress.runtime.graph.AttentionForm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Rows through a fused graph, which writes into one buffer in place and is told the length of each
 * row, or of each head of each row.
 */
final class SlabLane extends JointLane<SlabLayer> {
  private final int mostRows;
  private final boolean exact;

  /**
   * A lane without rows. With a limit of bytes a row gets room for all its tokens when it joins,
   * and no more; otherwise memory grows as it is needed, and ahead of it.
   *
   * @param form {@code FUSED} for rows whose heads hold the same number of tokens, else {@code
   *     FUSED_BY_HEAD}
   */
  SlabLane(DecoderModel model, AttentionForm form, BatchOptions options) {
    this(model, form, options, new ArrayList<>());
  }

  private SlabLane(
      DecoderModel model, AttentionForm form, BatchOptions options, List<BatchRow> rows) {
    super(model, form, rows, l -> new SlabLayer(model, rows, l));
    this.mostRows = options.mostRows();
    this.exact = options.cacheBytes().isPresent();
  }

  @Override
  public void join(BatchRow row) {
    List<BatchRow> all = rowsWith(row);
    layers.forEach(layer -> makeRoom(layer, all));
    row.sitDown(rows.size());
    rows.add(row);
    for (SlabLayer layer : layers) {
      layer.add(row, move(layer, row));
    }
  }

  private void makeRoom(SlabLayer layer, List<BatchRow> some) {
    int count = some.size();
    int atMost = slotsAtMost(layer, some);
    if (exact) {
      if (!layer.holds(count, atMost)) {
        layer.resize(count, atMost);
      }
      return;
    }
    int slots =
        1 + some.stream().mapToInt(r -> layer.cache(r).ledger().maxLength()).max().orElse(0);
    boolean tooLarge = layer.rowCapacity() > 3 * count || layer.capacity() > 3 * slots;
    if (!layer.holds(count, slots) || tooLarge) {
      int roomy = Math.min(slots + slots / 2, atMost);
      int ahead = Math.min(count + count / 2, mostRows);
      boolean fits = layer.layout.ofRows(ahead).bytes(roomy) <= BufferPool.LARGEST;
      layer.resize(fits ? ahead : count, roomy);
    }
  }

  @Override
  public long bytesAtMost() {
    return sum(SlabLayer::physicalBytes) + largest(SlabLayer::physicalBytes);
  }

  /** One layer at a time stands twice while it is laid anew, and the row is still elsewhere. */
  @Override
  public long bytesAtMostWith(BatchRow row) {
    List<BatchRow> all = rowsWith(row);
    return sum(layer -> Math.max(layer.physicalBytes(), bytesAtMost(layer, all)))
        + largest(layer -> bytesAtMost(layer, all))
        + row.context().physicalBytes();
  }

  private long sum(ToLongFunction<SlabLayer> bytes) {
    return layers.stream().mapToLong(bytes).sum();
  }

  private long largest(ToLongFunction<SlabLayer> bytes) {
    return layers.stream().mapToLong(bytes).max().orElse(0);
  }

  @Override
  public void tidy() {
    for (SlabLayer layer : layers) {
      if (layer.physicalBytes() > bytesAtMost(layer, rows)) {
        layer.resize(rows.size(), slotsAtMost(layer, rows));
      }
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
    layers.forEach(layer -> makeRoom(layer, rows));
  }
}
