package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkState;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.runtime.cache.EditChecks;
import dev.kvpress.runtime.cache.LayerStore;
import dev.kvpress.runtime.cache.RowMove;
import dev.kvpress.runtime.cache.RowTokens;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of one row in memory that rows share, as the row's context sees them. An edit is
 * checked here and left for the owner of the memory to carry out.
 */
final class LodgedStore implements LayerStore {
  private final JointLayer layer;
  private final BatchRow row;
  private final @Nullable RowMove pending;

  LodgedStore(JointLayer layer, BatchRow row) {
    this(layer, row, null);
  }

  private LodgedStore(JointLayer layer, BatchRow row, @Nullable RowMove pending) {
    this.layer = layer;
    this.row = row;
    this.pending = pending;
  }

  /** What is still to be done to the row's tokens. */
  Optional<RowMove> pending() {
    return Optional.ofNullable(pending);
  }

  /** The tokens with what is still to be done to them. */
  RowMove move(LayerLedger ledger) {
    return pending != null ? pending : new RowMove(tokens(ledger), CacheEdit.none());
  }

  private RowTokens tokens(LayerLedger ledger) {
    checkState(pending == null, "an edit is waiting to be carried out");
    return layer.tokens(row, ledger);
  }

  @Override
  public int slots() {
    return layer.cache(row).ledger().maxLength();
  }

  @Override
  public void check(CacheEdit edit, LayerLedger before) {
    EditChecks.check(layer.layout, edit, before);
  }

  @Override
  public LayerStore apply(CacheEdit edit, LayerLedger before) {
    if (edit.changesNothing()) {
      return this;
    }
    check(edit, before);
    RowTokens tokens = tokens(before);
    edit.keys().ifPresent(keys -> requireAll(keys, tokens.countsAfter(edit)));
    edit.values().ifPresent(values -> requireAll(values, tokens.countsAfter(edit)));
    return new LodgedStore(layer, row, new RowMove(tokens, edit));
  }

  /** Reads the last vector of each head: what is missing must show before anything is moved. */
  private static void requireAll(HeadVectors vectors, int[] counts) {
    float[] last = new float[vectors.size()];
    for (int g = 0; g < counts.length; g++) {
      if (counts[g] > 0) {
        vectors.read(0, g, counts[g] - 1, last);
      }
    }
  }

  @Override
  public LayerStore fork() {
    return new LodgedStore(layer, row, pending);
  }

  @Override
  public HeadVectors keys(LayerLedger ledger) {
    return tokens(ledger).keys();
  }

  @Override
  public HeadVectors values(LayerLedger ledger) {
    return tokens(ledger).values();
  }

  @Override
  public int bytesPerToken() {
    return Math.toIntExact(2 * layer.layout.bytes(1) / layer.layout.kvHeads());
  }

  @Override
  public long physicalBytes() {
    return layer.bytesOfRow();
  }

  @Override
  public void close() {
    // The memory is that of all rows.
  }
}
