package dev.kvpress.runtime.decode;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.SharedFloats;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.graph.ElementType;
import dev.kvpress.runtime.graph.SignalPorts;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One layer of a context: its store, its ledger, and the signals of the last step. */
final class LayerCache {
  private HostLayerStore store;
  private final LayerLedger ledger;
  private final Map<String, PassTensors> tensors;

  LayerCache(HostLayerStore store, LayerLedger ledger) {
    this(store, ledger, new HashMap<>());
  }

  private LayerCache(HostLayerStore store, LayerLedger ledger, Map<String, PassTensors> tensors) {
    this.store = store;
    this.ledger = ledger;
    this.tensors = tensors;
  }

  HostLayerStore store() {
    return store;
  }

  LayerLedger ledger() {
    return ledger;
  }

  /** Takes the place of the old store, which is given back. */
  void replace(HostLayerStore next) {
    if (next != store) {
      store.close();
      store = next;
    }
  }

  /** The store without spare room, as graphs need it that append. */
  HostLayerStore dense() {
    if (store.capacity() != store.slots()) {
      replace(store.withCapacity(store.slots()));
    }
    return store;
  }

  /**
   * The store with room for more slots, not shared with a fork.
   *
   * @param reserve slots to make room for where more room is needed; below the need, half of it is
   *     added
   */
  HostLayerStore writable(int newSlots, int reserve) {
    int needed = store.slots() + newSlots;
    if (store.capacity() < needed || !store.isWritable()) {
      // What is reserved is known to suffice; only growth that nobody announced gets spare room.
      replace(store.withCapacity(reserve >= needed ? reserve : needed + needed / 2));
    }
    return store;
  }

  LayerCache fork() {
    // Signals of the prefill are read only and belong to all forks; a new pass replaces the map.
    return new LayerCache((HostLayerStore) store.fork(), ledger.fork(), new HashMap<>(tensors));
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
   * @param memory where the outputs lie; what outlives the pass is held on
   * @param newStep whether the pass begins a step, so that signals of the former one are over
   */
  void observe(
      Map<String, HostTensor> outputs,
      SignalPorts ports,
      TokenBlock block,
      PassMemory memory,
      boolean newStep) {
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
      SharedFloats held = memory.held(rows);
      ledger.observeRows(held, (int) rows.shape()[2], (int) rows.shape()[3], valid);
      held.release();
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
    HostLayerStore fork = (HostLayerStore) store.fork();
    HostLayerStore next = fork;
    LayerLedger booked = ledger.fork();
    boolean done = false;
    try {
      next = (HostLayerStore) fork.apply(edit, ledger);
      booked.apply(edit);
      done = true;
      return new LayerCache(next, booked, tensors);
    } finally {
      if (!done) {
        next.close();
        booked.close();
      }
    }
  }

  /**
   * Checks an edit.
   *
   * @return the account of the tokens it leaves, without what attention was observed
   * @throws IllegalArgumentException if the edit does not fit
   */
  LayerLedger checked(CacheEdit edit) {
    store.check(edit, ledger);
    return edit.kept().map(ledger::select).orElse(ledger);
  }

  /** Whether {@link #cut} can carry out an edit, with no second copy of the layer. */
  boolean canCut(CacheEdit edit) {
    return edit.keys().isEmpty() && edit.values().isEmpty() && store.isWritable();
  }

  /**
   * Carries out an edit that was checked, without fail.
   *
   * @param state what the press wants to remember, as {@link LayerLedger#stateAfter} gives it
   */
  void cut(CacheEdit edit, Optional<PressState> state) {
    store = store.cutAlone(edit, ledger);
    ledger.apply(edit, state);
  }

  void close() {
    store.close();
    ledger.close();
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
