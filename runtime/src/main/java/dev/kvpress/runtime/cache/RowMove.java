package dev.kvpress.runtime.cache;

import dev.kvpress.presses.CacheEdit;
import java.util.Arrays;
import java.util.List;

/**
 * A row on its way into memory that rows share.
 *
 * @param tokens where its tokens lie
 * @param edit what becomes of them on the way
 */
public record RowMove(RowTokens tokens, CacheEdit edit) {

  /**
   * Lays rows side by side, each padded in front to the longest head of all.
   *
   * @param layout of one row
   * @return {@code [rows, G, S, D]}, tokens right aligned
   */
  public static HostLayerStore lay(
      BufferPool pool, HostLayerStore.Layout layout, List<RowMove> rows) {
    int slots = 0;
    for (RowMove row : rows) {
      slots = Math.max(slots, Arrays.stream(row.countsAfter()).max().orElse(0));
    }
    HostLayerStore store = HostLayerStore.unfilled(pool, layout.ofRows(rows.size()), slots, slots);
    for (int r = 0; r < rows.size(); r++) {
      RowMove row = rows.get(r);
      RowTokens target = RowTokens.rightAligned(layout, store, r, slots, row.countsAfter());
      target.clearPadding();
      row.tokens().moveTo(target, row.edit());
    }
    return store;
  }

  private int[] countsAfter() {
    return tokens.countsAfter(edit);
  }
}
