package dev.kvpress.runtime.decode;

import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.LayerStore;
import dev.kvpress.runtime.cache.RowMove;
import dev.kvpress.runtime.cache.RowTokens;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.TapRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Rows whose keys and values lie in memory of all, so that one pass serves them. */
abstract class JointLane<T extends JointLayer> implements Lane {
  protected final DecoderModel model;
  protected final List<BatchRow> rows;
  protected final List<T> layers = new ArrayList<>();
  private final AttentionForm form;

  /**
   * A lane without rows.
   *
   * @param rows empty; the lane's to change
   */
  JointLane(DecoderModel model, AttentionForm form, List<BatchRow> rows, IntFunction<T> layer) {
    this.model = model;
    this.form = form;
    this.rows = rows;
    IntStream.range(0, model.info().layers()).mapToObj(layer).forEach(layers::add);
  }

  @Override
  public final List<BatchRow> rows() {
    return Collections.unmodifiableList(rows);
  }

  /** Puts the tokens of all rows where the pass finds them. */
  abstract void prepare();

  @Override
  public final List<RowLogits> pass() {
    prepare();
    Set<Signal> signals = Signal.union(rows.stream().map(row -> row.context().observed()).toList());
    TapRequest tap = SignalTaps.request(signals, true);
    DecoderModel.LoadedGraph graph = model.load(form, tap);
    TokenBlock block =
        TokenBlock.of(rows.stream().map(row -> new int[] {row.answer().next()}).toList());
    int[] positions = rows.stream().mapToInt(row -> row.context().nextPosition(0)).toArray();
    int[] ends = rows.stream().mapToInt(row -> row.context().nextPosition(0) + 1).toArray();
    ExtraStates none = new ExtraStates(graph.graph().ports(), rows.size());
    Logits logits =
        requireNonNull(
            new PassRun(model, graph, model.layout(rows.size()), layers, none, block, () -> {})
                .run(positions, ends, 1, 1, true, true));
    rows.forEach(row -> row.context().passed(row.answer().next()));
    return IntStream.range(0, rows.size()).mapToObj(r -> new RowLogits(logits, r)).toList();
  }

  /** What is to be moved to get at the tokens of a row in one layer. */
  final RowMove move(T layer, BatchRow row) {
    LayerCache cache = layer.cache(row);
    LayerStore store = cache.store();
    if (store instanceof LodgedStore lodged) {
      return lodged.move(cache.ledger());
    }
    HostLayerStore own = (HostLayerStore) store;
    RowTokens tokens =
        RowTokens.rightAligned(layer.layout, own, 0, own.slots(), RowTokens.counts(cache.ledger()));
    return new RowMove(tokens, CacheEdit.none());
  }

  /** Slots that rows need in a layer until they have ended. */
  final int slotsAtMost(T layer, List<BatchRow> some) {
    int most = 0;
    for (BatchRow row : some) {
      int length = layer.cache(row).ledger().maxLength();
      most = Math.max(most, Math.addExact(length, row.answer().stepsLeft()));
    }
    return most;
  }

  /** Bytes of a layer with room for that. */
  final long bytesAtMost(T layer, List<BatchRow> some) {
    return 2 * layer.layout.ofRows(some.size()).bytes(slotsAtMost(layer, some));
  }

  @Override
  public final long tensorBytesAtMostWith(BatchRow row) {
    List<BatchRow> all = rowsWith(row);
    return layers.stream().mapToLong(layer -> bytesAtMost(layer, all) / 2).max().orElse(0);
  }

  final List<BatchRow> rowsWith(BatchRow row) {
    List<BatchRow> all = new ArrayList<>(rows);
    all.add(row);
    return all;
  }

  @Override
  public final long physicalBytes() {
    return layers.stream().mapToLong(JointLayer::physicalBytes).sum();
  }

  @Override
  public final void close() {
    layers.forEach(JointLayer::close);
  }
}
