package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.kernel.Workers;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.SharedFloats;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.KeyValueMemory;
import dev.kvpress.runtime.cache.LayerStore;
import dev.kvpress.runtime.cache.LayerStores;
import dev.kvpress.runtime.cache.PassStore;
import dev.kvpress.runtime.cache.packed.PackedTensors;
import dev.kvpress.runtime.graph.SignalPorts;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.ort.HostTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One layer of a context: its store, its ledger, and the signals of the last step. */
final class LayerCache implements PassLayer {
  private LayerStore store;
  private final LayerLedger ledger;
  private final Map<String, PassTensors> tensors = new HashMap<>();
  private final boolean keepsQueriesPreRope;

  /**
   * A layer before its first pass.
   *
   * @param keepsQueriesPreRope whether queries before rotation are wanted themselves, not their
   *     moments alone
   */
  LayerCache(LayerStore store, LayerLedger ledger, boolean keepsQueriesPreRope) {
    this.store = store;
    this.ledger = ledger;
    this.keepsQueriesPreRope = keepsQueriesPreRope;
  }

  /** Another one with the signals of the last step, which nobody writes to any more. */
  private LayerCache(LayerStore store, LayerLedger ledger, LayerCache that) {
    this(store, ledger, that.keepsQueriesPreRope);
    that.tensors.forEach((name, tensor) -> tensors.put(name, tensor.retain()));
  }

  /** Layers of a model without tokens, which observe what some signals ask for. */
  static List<LayerCache> empty(
      DecoderModel model, HostLayerStore.Layout layout, Set<Signal> signals) {
    boolean queries = keepsQueries(signals);
    int queryHeads = model.info().queryHeads();
    List<LayerCache> layers = new ArrayList<>();
    boolean done = false;
    try {
      while (layers.size() < model.info().layers()) {
        LayerLedger ledger =
            LayerLedger.observing(signals, layout.batch(), queryHeads, layout.kvHeads());
        layers.add(new LayerCache(LayerStores.empty(model.pool(), layout), ledger, queries));
      }
      done = true;
      return layers;
    } finally {
      if (!done) {
        layers.forEach(LayerCache::close);
      }
    }
  }

  static boolean keepsQueries(Set<Signal> signals) {
    return signals.stream().anyMatch(s -> s instanceof Signal.Queries q && !q.rotated());
  }

  LayerStore store() {
    return store;
  }

  /** The store as passes of the context need it. */
  private PassStore own() {
    checkState(store instanceof PassStore, "the tokens of the layer lie in memory of others");
    return (PassStore) store;
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
    store = own().appended(present);
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

  @Override
  public int nextToken(int row, int kvHead, int from) {
    return store.nextToken(ledger, row * ledger.kvHeads() + kvHead, from);
  }

  @Override
  public KeyValueMemory dense() {
    return memoryOf(own().dense(ledger));
  }

  @Override
  public Optional<PackedTensors> packed() {
    return own().packed();
  }

  @Override
  public KeyValueMemory writable(int newSlots, int reserve) {
    return memoryOf(own().writable(newSlots, reserve));
  }

  @Override
  public KeyValueMemory writableByHead(int newSlots, int reserve) {
    return memoryOf(own().writableByHead(ledger, newSlots, reserve));
  }

  private KeyValueMemory memoryOf(PassStore next) {
    take(next);
    return next.memory();
  }

  /** The same tokens, of which nothing has been observed; takes the place of this one. */
  LayerCache observing(Set<Signal> signals) {
    LayerCache fresh = new LayerCache(store, ledger.observingAnew(signals), keepsQueries(signals));
    ledger.close();
    forgetTensors();
    return fresh;
  }

  LayerCache fork() {
    return new LayerCache(store.fork(), ledger.fork(), this);
  }

  /**
   * What a pass has given.
   *
   * @param outputs by name
   * @param tap what was asked for
   * @param memory where the outputs lie; what outlives the pass is held on
   * @param stepTokens tokens of the whole step, as far as they are known
   * @param newStep whether the pass begins a step, so that signals of the former one are over
   */
  record PassResult(
      Map<String, HostTensor> outputs,
      TapRequest tap,
      TokenBlock block,
      PassMemory memory,
      int stepTokens,
      boolean newStep) {
    private PassResult with(Map<String, HostTensor> others) {
      return new PassResult(others, tap, block, memory, stepTokens, newStep);
    }

    private HostTensor tensor(String name) {
      return Objects.requireNonNull(outputs.get(name), name);
    }
  }

  /**
   * Books the tokens and signals of a pass that has run.
   *
   * @param workers threads that may share what has to be reckoned
   */
  @Override
  public void observe(PassResult given, SignalPorts ports, Workers workers) {
    if (given.newStep()) {
      forgetTensors();
    }
    int[] valid = given.block().validTokens();
    int past = ledger.maxLength();
    PassResult pass =
        store.isRightAligned(ledger)
            ? given
            : given.with(
                new TokenColumns(store, ledger, given.block().columns(), given.memory())
                    .of(given.outputs(), ports));
    ledger.append(valid);
    if (ports.attentionSums() != null) {
      HostTensor sums = pass.tensor(ports.attentionSums());
      ledger.observeSums(sums.floats(), (int) sums.shape()[2]);
    }
    if (ports.attentionMaxima() != null) {
      HostTensor maxima = pass.tensor(ports.attentionMaxima());
      ledger.observeMaxima(maxima.floats(), (int) maxima.shape()[2]);
    }
    if (ports.attentionRows() != null) {
      HostTensor rows = pass.tensor(ports.attentionRows());
      SharedFloats held = pass.memory().held(rows);
      ledger.observeRows(held, (int) rows.shape()[2], (int) rows.shape()[3], valid);
      held.release();
    }
    if (ports.queriesPreRope() != null && ledger.hasQueryMoments()) {
      HostTensor queries = pass.tensor(ports.queriesPreRope());
      int[] shape = Arrays.stream(queries.shape()).mapToInt(Math::toIntExact).toArray();
      ledger.observeQueries(new FloatTensor(queries.floats(), shape), valid, workers);
    }
    int tokens = pass.stepTokens();
    join(pass, ports.attentions(), "attentions", tokens, past + tokens);
    join(pass, ports.queries(), "queries", Math.min(pass.tap().queries(), tokens), 0);
    if (keepsQueriesPreRope) {
      int window = Math.min(pass.tap().queriesPreRope(), tokens);
      join(pass, ports.queriesPreRope(), "queries_pre_rope", window, 0);
    }
    join(pass, ports.hiddenStates(), "hidden_states", tokens, 0);
  }

  private void join(PassResult pass, @Nullable String port, String signal, int queries, int width) {
    if (port != null) {
      HostTensor part = pass.tensor(port);
      SharedFloats held = pass.memory().held(part);
      tensors
          .computeIfAbsent(signal, name -> new PassTensors(queries, width))
          .add(held, part.shape());
      held.release();
    }
  }

  private void forgetTensors() {
    tensors.values().forEach(PassTensors::release);
    tensors.clear();
  }

  /**
   * All layers of a model as a press sees them.
   *
   * @param newTokens tokens of the step that has ended
   * @param tokensSeen tokens that have passed in the longest row
   * @param standing where tokens stand
   */
  static ModelSignals signals(
      DecoderModel model,
      List<LayerCache> layers,
      Phase phase,
      int newTokens,
      int tokensSeen,
      Standing standing) {
    List<LayerSignals> seen = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      LayerSignals.Builder builder =
          layers.get(l).signals(phase, newTokens).layer(l, layers.size()).workers(model.workers());
      standing.show(builder, model, layers, l, tokensSeen);
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
            .values(() -> store.values(ledger))
            .viewsAreCopies(store.viewsAreCopies());
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
    LayerLedger booked = ledger.fork();
    boolean done = false;
    try {
      next = fork.apply(edit, ledger);
      booked.apply(edit);
      done = true;
      return new LayerCache(next, booked, this);
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
    return store.canCut(edit);
  }

  /**
   * Carries out an edit that was checked, without fail.
   *
   * @param state what the press wants to remember, as {@link LayerLedger#stateAfter} gives it
   */
  void cut(CacheEdit edit, Optional<PressState> state) {
    store = store.cut(edit, ledger);
    ledger.apply(edit, state);
  }

  void close() {
    store.close();
    ledger.close();
    forgetTensors();
  }
}
