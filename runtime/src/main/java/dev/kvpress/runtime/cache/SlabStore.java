package dev.kvpress.runtime.cache;

import static com.google.common.base.Preconditions.checkArgument;

import dev.kvpress.presses.CacheEdit;
import java.nio.ByteBuffer;

/**
 * Keys and values of rows that a graph writes in place, {@code [rows, G, C, D]}. The tokens of a
 * row begin at its first slot; rows in use are the first ones, so that they are a tensor by
 * themselves and rows come and go without the others being touched.
 */
public final class SlabStore implements KeyValueMemory, AutoCloseable {
  private final HostLayerStore.Layout layout;
  private final int rowCapacity;
  private final int capacity;
  private final PooledBuffer keys;
  private final PooledBuffer values;
  private int rows;
  private boolean closed;

  /**
   * A slab without rows.
   *
   * @param layout of one row
   * @param rowCapacity rows there is room for
   * @param capacity C
   */
  public SlabStore(BufferPool pool, HostLayerStore.Layout layout, int rowCapacity, int capacity) {
    checkArgument(layout.batch() == 1, "the layout must be that of one row");
    this.layout = layout;
    this.rowCapacity = rowCapacity;
    this.capacity = capacity;
    HostLayerStore.Layout all = layout.ofRows(rowCapacity);
    keys = pool.take(all.bytes(capacity));
    try {
      values = pool.take(all.bytes(capacity));
    } catch (RuntimeException e) {
      keys.release();
      throw e;
    }
  }

  /** Rows in use. */
  public int rows() {
    return rows;
  }

  /** Rows there is room for. */
  public int rowCapacity() {
    return rowCapacity;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public ByteBuffer keyBytes() {
    return keys.first(layout.ofRows(rows).bytes(capacity));
  }

  @Override
  public ByteBuffer valueBytes() {
    return values.first(layout.ofRows(rows).bytes(capacity));
  }

  /** Tokens of a row in use. */
  public RowTokens row(int row, int[] counts) {
    return RowTokens.leftAligned(layout, this, row, counts);
  }

  /** Takes a row in behind the others. */
  public void add(RowMove move) {
    checkArgument(rows < rowCapacity, "all %s rows of the slab are in use", rowCapacity);
    rows++;
    move.tokens().moveTo(row(rows - 1, move.tokens().countsAfter(move.edit())), move.edit());
  }

  /** Edits a row where it stands. */
  public void edit(int row, RowTokens tokens, CacheEdit edit) {
    tokens.moveTo(row(row, tokens.countsAfter(edit)), edit);
  }

  /**
   * Lets a row go; the last one takes its place.
   *
   * @param countsOfLast {@code [G]}, tokens of the last row
   */
  public void remove(int row, int[] countsOfLast) {
    int last = rows - 1;
    if (row < last) {
      row(last, countsOfLast).moveTo(row(row, countsOfLast), CacheEdit.none());
    }
    rows--;
  }

  /** Bytes it takes, spare room included. */
  public long physicalBytes() {
    return 2 * layout.ofRows(rowCapacity).bytes(capacity);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      keys.release();
      values.release();
    }
  }
}
