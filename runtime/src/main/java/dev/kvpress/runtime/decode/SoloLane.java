package dev.kvpress.runtime.decode;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Rows that pass one by one, since their graph or their cache allows nothing else. */
final class SoloLane implements Lane {
  private final List<BatchRow> rows = new ArrayList<>();

  @Override
  public List<BatchRow> rows() {
    return Collections.unmodifiableList(rows);
  }

  @Override
  public void join(BatchRow row) {
    rows.add(row);
  }

  @Override
  public void leave(BatchRow row) {
    rows.remove(row);
  }

  @Override
  public void edited(BatchRow row) {
    // The row's context has carried it out.
  }

  @Override
  public List<RowLogits> pass() {
    List<RowLogits> all = new ArrayList<>();
    for (BatchRow row : rows) {
      all.add(new RowLogits(row.context().forward(row.answer().next()), 0));
    }
    return all;
  }

  @Override
  public long physicalBytes() {
    return rows.stream().mapToLong(row -> row.context().physicalBytes()).sum();
  }

  @Override
  public long bytesAtMost() {
    return rows.stream().mapToLong(SoloLane::bytesAtMost).sum();
  }

  @Override
  public long bytesAtMostWith(BatchRow row) {
    return bytesAtMost() + bytesAtMost(row);
  }

  /** What is there and what a pass writes beside it. */
  private static long bytesAtMost(BatchRow row) {
    long tokens = 0;
    for (LayerCache layer : row.context().layers()) {
      tokens += (long) layer.slots() + row.answer().stepsLeft();
    }
    int heads = row.context().layers().get(0).ledger().kvHeads();
    return 2 * tokens * heads * row.context().layers().get(0).store().bytesPerToken();
  }

  @Override
  public long tensorBytesAtMostWith(BatchRow row) {
    // What the row's own memory does not hold is refused where that grows.
    return 0;
  }

  @Override
  public void tidy() {
    // Rows have what they need.
  }

  @Override
  public void close() {
    // Rows own their memory.
  }
}
