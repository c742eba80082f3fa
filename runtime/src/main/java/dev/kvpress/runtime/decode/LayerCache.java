package dev.kvpress.runtime.decode;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.LayerStore;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.SignalPorts;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One layer of a context: its store, its ledger, and the signals of the last step. */
final class LayerCache implements PassLayer {
  private LayerStore store;
  private final LayerLedger ledger;
  private final Map<String, PassTensors> tensors;

  LayerCache(LayerStore store, LayerLedger ledger) {
    this(store, ledger, new HashMap<>());
  }

  private LayerCache(LayerStore store, LayerLedger ledger, Map<String, PassTensors> tensors) {
    this.store = store;
    this.ledger = ledger;
    this.tensors = tensors;
  }

  /** Layers of a model without tokens, which observe what some signals ask for. */
  static List<LayerCache> empty(
      DecoderModel model, HostLayerStore.Layout layout, Set<Signal> signals) {
    boolean sums = signals.stream().anyMatch(s -> s instanceof Signal.AttentionSums);
    int window = Signal.rowWindow(signals);
    int queryHeads = model.info().queryHeads();
    List<LayerCache> layers = new ArrayList<>();
    boolean done = false;
    try {
      while (layers.size() < model.info().layers()) {
        LayerLedger ledger =
            new LayerLedger(layout.batch(), queryHeads, layout.kvHeads(), sums, window);
        layers.add(new LayerCache(HostLayerStore.empty(model.pool(), layout, 0), ledger));
      }
      done = true;
      return layers;
    } finally {
      if (!done) {
        layers.forEach(LayerCache::close);
      }
    }
  }

  LayerStore store() {
    return store;
  }

  /** The store where it is the context's own, as passes of the context need it. */
  private HostLayerStore own() {
    return (HostLayerStore) store;
  }

  LayerLedger ledger() {
    return ledger;
  }

  @Override
  public int slots() {
    return store.slots();
  }

  @Override
  public ImmutableIntArray slotsOfRows() {
    int[] slots = new int[ledger.batch()];
    Arrays.fill(slots, store.slots());
    return ImmutableIntArray.copyOf(slots);
  }

  @Override
  public int length(int row, int kvHead) {
    return ledger.length(row, kvHead);
  }

  @Override
  public int position(int row, int kvHead, int slot) {
    return ledger.position(row, kvHead, slot);
  }

  @Override
  public boolean holdsSameTokens(int row) {
    return ledger.holdsSameTokens(row);
  }

  @Override
  public int tokensSeen(int row) {
    return ledger.tokensSeen(row);
  }

  @Override
  public void replace(HostLayerStore present) {
    take(present);
  }

  @Override
  public void advance(int newSlots) {
    own().advance(newSlots);
  }

  /** Takes the place of the old store, which is given back. */
  void take(LayerStore next) {
    if (next != store) {
      store.close();
      store = next;
    }
  }

  /** The store as graphs need it that append: no spare room, padding before the tokens. */
  @Override
  public HostLayerStore dense() {
    if (!own().isDense()) {
      take(own().dense(ledger));
    }
    return own();
  }

  /**
   * The store with room for more slots, not shared with a fork.
   *
   * @param reserve slots to make room for where more room is needed; below the need, half of it is
   *     added
   */
  @Override
  public HostLayerStore writable(int newSlots, int reserve) {
    int needed = store.slots() + newSlots;
    if (own().capacity() < needed || !own().isWritable()) {
      take(own().withCapacity(room(needed, reserve)));
    }
    return own();
  }

  @Override
  public HostLayerStore writableByHead(int newSlots, int reserve) {
    if (!own().isLeftAligned(ledger)) {
      take(own().leftAligned(ledger, room(store.slots() + newSlots, reserve)));
      return own();
    }
    return writable(newSlots, reserve);
  }

  /** What is reserved is known to suffice; only growth that nobody announced gets spare room. */
  private static int room(int needed, int reserve) {
    return reserve >= needed ? reserve : needed + needed / 2;
  }

  LayerCache fork() {
    // Signals of the prefill are read only and belong to all forks; a new pass replaces the map.
    return new LayerCache(store.fork(), ledger.fork(), new HashMap<>(tensors));
  }

  /** Outputs for the signals of one pass; remembered until {@link #observe}. */
  static void addSignalOutputs(
      Map<String, HostTensor> outputs, SignalPorts ports, PassShape shape, PassMemory memory) {
    add(outputs, ports.attentionSums(), memory, shape.batch(), shape.heads(), shape.slots());
    add(
        outputs,
        ports.attentionRows(),
        memory,
        shape.batch(),
        shape.heads(),
        Math.min(shape.rowWindow(), shape.queries()),
        shape.slots());
    add(
        outputs,
        ports.attentions(),
        memory,
        shape.batch(),
        shape.heads(),
        shape.queries(),
        shape.slots());
    add(
        outputs,
        ports.queries(),
        memory,
        shape.batch(),
        shape.heads(),
        Math.min(shape.queryWindow(), shape.queries()),
        shape.headSize());
    add(
        outputs,
        ports.queriesPreRope(),
        memory,
        shape.batch(),
        shape.heads(),
        Math.min(shape.preRopeWindow(), shape.queries()),
        shape.headSize());
    add(outputs, ports.hiddenStates(), memory, shape.batch(), shape.queries(), shape.hiddenSize());
  }

  private static void add(
      Map<String, HostTensor> outputs, @Nullable String name, PassMemory memory, long... shape) {
    if (name != null) {
      outputs.put(name, memory.tensor(ElementType.FLOAT32, shape));
    }
  }

  /**
   * Books the tokens and signals of a pass that has run.
   *
   * @param newStep whether the pass begins a step, so that signals of the former one are over
   */
  @Override
  public void observe(
      Map<String, HostTensor> outputs, SignalPorts ports, TokenBlock block, boolean newStep) {
    if (newStep) {
      tensors.clear();
    }
    int[] valid = block.validTokens();
    ledger.append(valid);
    if (ports.attentionSums() != null) {
      HostTensor sums = tensor(outputs, ports.attentionSums());
      ledger.observeSums(sums.floats(), (int) sums.shape()[2]);
    }
    if (ports.attentionRows() != null) {
      HostTensor rows = tensor(outputs, ports.attentionRows());
      ledger.observeRows(rows.floats(), (int) rows.shape()[2], (int) rows.shape()[3], valid);
    }
    join(outputs, ports.attentions(), "attentions");
    join(outputs, ports.queries(), "queries");
    join(outputs, ports.queriesPreRope(), "queries_pre_rope");
    join(outputs, ports.hiddenStates(), "hidden_states");
  }

  private void join(Map<String, HostTensor> outputs, @Nullable String port, String signal) {
    if (port != null) {
      tensors.computeIfAbsent(signal, name -> new PassTensors()).add(tensor(outputs, port));
    }
  }

  private static HostTensor tensor(Map<String, HostTensor> outputs, String name) {
    return Objects.requireNonNull(outputs.get(name), name);
  }

  /**
   * All layers of a model as a press sees them.
   *
   * @param newTokens tokens of the step that has ended
   * @param tokensSeen tokens that have passed in the longest row
   */
  static ModelSignals signals(
      DecoderModel model, List<LayerCache> layers, Phase phase, int newTokens, int tokensSeen) {
    List<LayerSignals> seen = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      LayerSignals.Builder builder =
          layers.get(l).signals(phase, newTokens).layer(l, layers.size()).workers(model.workers());
      model.rotary().ofLayer(l, tokensSeen).ifPresent(builder::rotary);
      model.constants().addTo(builder, l);
      seen.add(builder.build());
    }
    return new ModelSignals(seen);
  }

  /** The layer as a press sees it. */
  LayerSignals.Builder signals(Phase phase, int newTokens) {
    LayerSignals.Builder builder =
        LayerSignals.of(ledger)
            .step(phase, newTokens)
            .keys(() -> store.keys(ledger))
            .values(() -> store.values(ledger));
    tensors.forEach(
        (name, parts) -> {
          switch (name) {
            case "attentions" -> builder.tensor(Signal.AttentionMatrix.class, parts::joined);
            case "queries" -> builder.tensor(Signal.Queries.class, parts::joined);
            case "queries_pre_rope" -> builder.queriesPreRope(parts::joined);
            default -> builder.tensor(Signal.HiddenStates.class, parts::joined);
          }
        });
    return builder;
  }

  /**
   * The layer after an edit; this one stays as it is until it is closed.
   *
   * @throws IllegalArgumentException if the edit does not fit
   */
  LayerCache edited(CacheEdit edit) {
    LayerStore fork = store.fork();
    LayerStore next = fork;
    boolean done = false;
    try {
      next = fork.apply(edit, ledger);
      LayerLedger booked = ledger.fork();
      booked.apply(edit);
      done = true;
      return new LayerCache(next, booked, tensors);
    } finally {
      if (!done) {
        next.close();
      }
    }
  }

  void close() {
    store.close();
  }

  /**
   * Sizes of the signals of one pass.
   *
   * @param slots T, past and new slots
   * @param hiddenSize E, 0 where unknown
   */
  record PassShape(
      int batch,
      int heads,
      int queries,
      int slots,
      int headSize,
      int hiddenSize,
      int rowWindow,
      int queryWindow,
      int preRopeWindow) {}
}
