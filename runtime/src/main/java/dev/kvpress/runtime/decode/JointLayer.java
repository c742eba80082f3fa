package dev.kvpress.runtime.decode;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.kernel.Workers;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.KeyValueMemory;
import dev.kvpress.runtime.cache.RowTokens;
import dev.kvpress.runtime.graph.SignalPorts;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One layer of rows that pass together: keys and values lie in memory of all, the account of its
 * tokens stays with each row.
 */
abstract class JointLayer implements PassLayer {
  private static final TokenBlock ONE_TOKEN = TokenBlock.of(List.of(new int[1]));

  protected final DecoderModel model;
  protected final List<BatchRow> rows;
  protected final HostLayerStore.Layout layout;
  private final int index;

  /**
   * A layer without memory yet.
   *
   * @param rows the rows of the lane, in the order of the pass
   */
  JointLayer(DecoderModel model, List<BatchRow> rows, int index) {
    this.model = model;
    this.rows = rows;
    this.index = index;
    this.layout = model.layout(1);
  }

  /** The layer as a row keeps it. */
  final LayerCache cache(BatchRow row) {
    return row.context().layers().get(index);
  }

  private LayerLedger ledger(int row) {
    return cache(rows.get(row)).ledger();
  }

  /** Where the tokens of a row lie that is at home here. */
  abstract RowTokens tokens(BatchRow row, LayerLedger ledger);

  /** Bytes of the memory. */
  abstract long physicalBytes();

  /** First of the columns of a row's own tokens among those of the longest row. */
  abstract int firstColumn(int columns, int own);

  /** Gives the memory back. */
  abstract void close();

  /** Lets a row see its tokens here; what it had before is given back. */
  final void lodge(BatchRow row) {
    cache(row).take(new LodgedStore(this, row));
  }

  long bytesOfRow() {
    return rows.isEmpty() ? 0 : physicalBytes() / rows.size();
  }

  @Override
  public int slots() {
    int most = 0;
    for (int r = 0; r < rows.size(); r++) {
      most = Math.max(most, ledger(r).maxLength());
    }
    return most;
  }

  @Override
  public ImmutableIntArray slotsOfRows() {
    ImmutableIntArray.Builder lengths = ImmutableIntArray.builder(rows.size());
    for (int r = 0; r < rows.size(); r++) {
      lengths.add(ledger(r).maxLength());
    }
    return lengths.build();
  }

  @Override
  public int length(int row, int kvHead) {
    return ledger(row).length(0, kvHead);
  }

  @Override
  public int position(int row, int kvHead, int slot) {
    return ledger(row).position(0, kvHead, slot);
  }

  @Override
  public boolean holdsSameTokens(int row) {
    return ledger(row).holdsSameTokens(0);
  }

  @Override
  public int tokensSeen(int row) {
    return ledger(row).tokensSeen(0);
  }

  @Override
  public void observe(LayerCache.PassResult pass, SignalPorts ports, Workers workers) {
    try (PassMemory memory = new PassMemory(model.pool())) {
      for (int r = 0; r < rows.size(); r++) {
        BatchRow row = rows.get(r);
        Set<Signal> observed = row.context().observed();
        SignalPorts own = SignalTaps.portsOf(ports, observed);
        int columns = ledger(r).maxLength() + ONE_TOKEN.columns();
        Map<String, HostTensor> signals =
            new RowSignals(pass.outputs(), r, columns, memory)
                .of(own, total -> firstColumn(total, columns));
        LayerCache.PassResult alone =
            new LayerCache.PassResult(
                signals,
                SignalTaps.request(observed, true),
                ONE_TOKEN,
                memory,
                ONE_TOKEN.columns(),
                pass.newStep());
        cache(row).observe(alone, own, workers);
      }
    }
  }

  @Override
  public KeyValueMemory dense() {
    throw new IllegalStateException("the memory of this layer is written in place");
  }

  @Override
  public KeyValueMemory writable(int newSlots, int reserve) {
    throw new IllegalStateException("the memory of this layer is not written in place");
  }

  @Override
  public KeyValueMemory writableByHead(int newSlots, int reserve) {
    throw new IllegalStateException("the memory of this layer is not written in place");
  }

  @Override
  public void replace(HostLayerStore present) {
    throw new IllegalStateException("the memory of this layer is written in place");
  }

  @Override
  public void advance(int newSlots) {
    // Where the tokens of a row end is in its ledger.
  }
}
