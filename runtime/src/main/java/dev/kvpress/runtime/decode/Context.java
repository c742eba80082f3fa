package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.TapRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One conversation with a model: the cache of all layers, what was observed of its tokens, and the
 * position at which the text goes on. True positions go on after eviction.
 *
 * <p>Fork it to go on in several ways from one prefill; forks share memory until they change. A
 * failed pass or edit leaves the context as it was.
 *
 * <p>Contexts of one model may be used at once, but each by one thread at a time: while a call
 * runs, those of other threads are refused with an {@link IllegalStateException}. Forks are
 * contexts of their own. {@link #close} alone may come from any thread at any time; a prefill that
 * runs then ends with an {@link IllegalStateException} after the pass it is in, as does a call that
 * waits for its turn in the engine. A thread that is interrupted while it waits there gets a {@link
 * java.util.concurrent.CancellationException}.
 */
@SuppressWarnings("try") // The guard is held, not used.
public final class Context implements AutoCloseable {
  private final DecoderModel model;
  private final HostLayerStore.Layout layout;
  private final List<LayerCache> layers = new ArrayList<>();
  private ExtraStates states;
  private final int[] nextPosition;
  private final TokenLog log = new TokenLog();
  private int[] firstStepEnd;
  private Set<Signal> signals;
  private Phase phase = Phase.PREFILL;
  private int lastStepTokens;
  private boolean fusedAllowed;
  private int reserve;
  private final ContextGuard guard;

  Context(DecoderModel model, int batch, Set<Signal> signals) {
    this.model = model;
    this.guard = new ContextGuard(model.turns(), this::release);
    this.layout = model.layout(batch);
    this.signals = ImmutableSet.copyOf(signals);
    this.nextPosition = new int[batch];
    this.firstStepEnd = new int[batch];
    this.states = new ExtraStates(model.graph().ports(), batch);
    layers.addAll(LayerCache.empty(model, layout, signals));
  }

  private Context(Context that) {
    model = that.model;
    guard = new ContextGuard(model.turns(), this::release);
    layout = that.layout;
    signals = that.signals;
    nextPosition = that.nextPosition.clone();
    firstStepEnd = that.firstStepEnd.clone();
    phase = that.phase;
    lastStepTokens = that.lastStepTokens;
    fusedAllowed = that.fusedAllowed;
    reserve = that.reserve;
    states = that.states.fork();
    log.restore(that.log);
    that.layers.forEach(layer -> layers.add(layer.fork()));
  }

  /** A fork that observes what passes from here on, and nothing of what has passed. */
  Context forkObserving(Set<Signal> other) {
    Context fork = fork();
    fork.signals = ImmutableSet.copyOf(other);
    fork.layers.replaceAll(layer -> layer.observing(other));
    return fork;
  }

  /** A second conversation that goes on from here; its changes do not show in this one. */
  public Context fork() {
    try (ContextGuard.Use use = guard.enterOpen("fork")) {
      return new Context(this);
    }
  }

  /**
   * Lets passes run through the fused graph, which writes into one buffer in place and is faster
   * and smaller: those over even caches, where on the processor it shows its attention too, and
   * steps of one token over caches whose rows or heads have different length. Its results agree
   * with the other form to rounding, not bit for bit.
   *
   * @param reserveTokens cached tokens to keep room for from the start, 0 for none
   */
  public Context allowFused(int reserveTokens) {
    try (ContextGuard.Use use = guard.enter("allowFused")) {
      fusedAllowed = true;
      reserve = reserveTokens;
    }
    return this;
  }

  /** Goes back to standard operators, so that contexts of any shape go on by the same graph. */
  public Context avoidFused() {
    try (ContextGuard.Use use = guard.enter("avoidFused")) {
      fusedAllowed = false;
    }
    return this;
  }

  /** Observes nothing from here on: later passes emit no signals and are cheaper. */
  public Context stopObserving() {
    try (ContextGuard.Use use = guard.enter("stopObserving")) {
      signals = ImmutableSet.of();
    }
    return this;
  }

  /** Prefills one row; see {@link #prefill(List, int)}. */
  public Logits prefill(int[] ids, int chunkSize) {
    return prefill(List.of(ids), chunkSize);
  }

  /**
   * Passes a prompt through the model. Rows may differ in length.
   *
   * @param rows {@code [B][tokens]}
   * @param chunkSize tokens per pass, at least 1
   * @return logits of the last token of each row, {@code [B, V]}
   * @throws IllegalStateException if tokens have passed before, if another thread uses the context,
   *     or if it or the model is closed, before or meanwhile
   * @throws ModelException if rows differ in length and the model's graph cannot tell padding
   */
  public Logits prefill(List<int[]> rows, int chunkSize) {
    try (ContextGuard.Use use = guard.enterOpen("prefill")) {
      return passPrompt(rows, chunkSize);
    }
  }

  private Logits passPrompt(List<int[]> rows, int chunkSize) {
    checkState(tokensSeen() == 0, "a context is prefilled once; use forward to go on");
    checkArgument(
        rows.size() == layout.batch(), "expected %s rows, found %s", layout.batch(), rows.size());
    rows.forEach(model.info()::requireTokens);
    TokenBlock prompt = TokenBlock.of(rows);
    if (prompt.isPadded()) {
      model.requirePadding();
    }
    return allOrNone(new PromptPasses(this, prompt, chunkSize)::run);
  }

  /**
   * A prompt of the only row, to be passed chunk by chunk; a context whose chunk has failed is of
   * no further use.
   */
  PromptPasses prompt(int[] ids, int chunkSize) {
    try (ContextGuard.Use use = guard.enterOpen("prefill")) {
      checkState(tokensSeen() == 0, "a context is prefilled once; use forward to go on");
      model.info().requireTokens(ids);
      return new PromptPasses(this, TokenBlock.of(List.of(ids)), chunkSize);
    }
  }

  /** Ends the step of a prompt whose passes have run. */
  void prefilled(int columns) {
    phase = Phase.PREFILL;
    firstStepEnd = nextPosition.clone();
    lastStepTokens = columns;
  }

  /** Books one token of the only row that has passed together with those of other contexts. */
  void passed(int id) {
    nextPosition[0]++;
    log.add(id);
    phase = Phase.DECODE;
    lastStepTokens = 1;
  }

  private void restore(Context before) {
    for (int l = 0; l < layers.size(); l++) {
      layers.get(l).close();
      layers.set(l, before.layers.get(l).fork());
    }
    states = before.states.fork();
    log.restore(before.log);
    System.arraycopy(before.nextPosition, 0, nextPosition, 0, nextPosition.length);
  }

  /** Passes further tokens of the only row; see {@link #forward(List)}. */
  public Logits forward(int... ids) {
    return forward(List.of(ids));
  }

  /**
   * Passes further tokens in one step, at their true positions.
   *
   * @param rows {@code [B][Q]}, the same number of tokens for each row
   * @return logits of every token, {@code [B*Q, V]}
   * @throws IllegalStateException if another thread uses the context, or if it or the model is
   *     closed, before or meanwhile
   */
  public Logits forward(List<int[]> rows) {
    try (ContextGuard.Use use = guard.enterOpen("forward")) {
      return passFurther(rows);
    }
  }

  private Logits passFurther(List<int[]> rows) {
    checkArgument(
        rows.size() == layout.batch(), "expected %s rows, found %s", layout.batch(), rows.size());
    rows.forEach(model.info()::requireTokens);
    TokenBlock block = TokenBlock.of(rows);
    checkArgument(!block.isPadded(), "rows of a step must have the same number of tokens");
    boolean first = tokensSeen() == 0;
    int[] sizes = passPlan().ofStep(block.columns(), !first, hasEvicted());
    Logits logits =
        sizes.length == 1 ? passStep(block, sizes) : allOrNone(() -> passStep(block, sizes));
    phase = first ? Phase.PREFILL : Phase.DECODE;
    firstStepEnd = first ? nextPosition.clone() : firstStepEnd;
    lastStepTokens = block.columns();
    return logits;
  }

  private Logits allOrNone(Supplier<Logits> passes) {
    Context before = fork();
    boolean done = false;
    try {
      Logits logits = passes.get();
      done = true;
      return logits;
    } finally {
      if (!done) {
        restore(before);
      }
      before.close();
    }
  }

  private Logits passStep(TokenBlock block, int[] sizes) {
    TapRequest tap = SignalTaps.request(signals, true);
    int[] end = positionsAfter(block.columns());
    List<Logits> parts = new ArrayList<>();
    int from = 0;
    for (int size : sizes) {
      TokenBlock part = block.columns(from, from + size);
      parts.add(requireNonNull(pass(part, tap, from == 0, true, end, block.columns() - from)));
      from += size;
    }
    return Logits.joined(parts, layout.batch());
  }

  private boolean hasEvicted() {
    return keptTokens() < seenTokens();
  }

  private int[] positionsAfter(int newTokens) {
    return Arrays.stream(nextPosition).map(p -> p + newTokens).toArray();
  }

  private int endAfter(int newTokens) {
    return Arrays.stream(nextPosition).max().orElse(0) + newTokens;
  }

  @Nullable Logits pass(
      TokenBlock block,
      TapRequest tap,
      boolean newStep,
      boolean wantLogits,
      int[] sequenceLengths,
      int expectedTokens) {
    guard.requireWanted();
    requireEvictionBorne(block.columns());
    int end = endAfter(block.columns());
    AttentionForm form =
        fusedAllowed ? new FormChoice(model, layers).of(block, tap, end) : AttentionForm.DECOMPOSED;
    DecoderModel.LoadedGraph graph = model.load(form, tap);
    if (graph.graph().ports().form() == AttentionForm.FUSED && !FormChoice.suitsFused(block)) {
      throw new ModelException(
          "model %s has only the fused attention, which takes one token per pass from several rows, found %d from %d; pass rows one by one or export the decomposed form"
              .formatted(model.info().name(), block.columns(), block.batch()));
    }
    Logits logits =
        new PassRun(model, graph, layout, layers, states, block, guard::requireWanted)
            .run(
                nextPosition,
                sequenceLengths,
                form == AttentionForm.DECOMPOSED
                    ? expectedTokens
                    : Math.max(reserve, expectedTokens),
                expectedTokens,
                newStep,
                wantLogits);
    int[] valid = block.validTokens();
    for (int b = 0; b < valid.length; b++) {
      nextPosition[b] += valid[b];
    }
    if (valid.length == 1) {
      log.add(Arrays.copyOfRange(block.ids()[0], block.padding()[0], block.columns()));
    }
    return logits;
  }

  /** Refuses to go on where tokens are gone and the graph cannot bear that. */
  void requireEvictionBorne(int newTokens) {
    if (hasEvicted()) {
      model.requireEviction(endAfter(newTokens));
    }
  }

  /**
   * The form in place that the next tokens may pass through, one by one; empty where there is none.
   *
   * @param press what may cut the cache meanwhile
   */
  Optional<AttentionForm> formInPlace(int newTokens, Optional<ModelPress> press) {
    TapRequest tap = SignalTaps.request(signals, true);
    return fusedAllowed
        ? new FormChoice(model, layers).inPlace(tap, endAfter(newTokens), press)
        : Optional.empty();
  }

  /**
   * Lets a press cut the cache, after a prefill or after a step.
   *
   * @throws ModelException if the model's graph cannot go on with what the press wants to leave
   * @throws IllegalStateException if another thread uses the context, or if it or the model is
   *     closed, before or meanwhile
   */
  public EditSummary compress(ModelPress press, Budget budget) {
    try (ContextGuard.Use use = guard.enterOpen("compress")) {
      model.requireOpen();
      return cut(press, budget);
    }
  }

  private EditSummary cut(ModelPress press, Budget budget) {
    checkState(tokensSeen() > 0, "nothing has passed yet; prefill a prompt before compressing");
    EditRules rules = new EditRules(model);
    if (press.needs().contains(new Signal.Rotary())) {
      rules.requireOneRotation(firstStepEnd, nextPosition);
    }
    ModelSignals seen = LayerCache.signals(model, layers, phase, lastStepTokens, tokensSeen());
    ContextReader reader = new ContextReader(model, this);
    long start = System.nanoTime();
    List<CacheEdit> edits = press.compress(press.readsAgain() ? seen.with(reader) : seen, budget);
    long pressed = System.nanoTime();
    guard.requireWanted();
    long before = keptTokens();
    apply(edits, rules);
    return new EditSummary(
        pressed - start - reader.nanos(),
        System.nanoTime() - pressed,
        reader.nanos(),
        reader.tokens(),
        before - keptTokens(),
        Stream.concat(
                edits.stream().flatMap(edit -> edit.notices().stream()), reader.notice().stream())
            .distinct()
            .toList());
  }

  /** All edits or none. */
  private void apply(List<CacheEdit> edits, EditRules rules) {
    OptionalInt position = rules.nextPosition(edits, tokensSeen());
    rules.checked(layers, edits, tokensSeen()).apply();
    position.ifPresent(p -> Arrays.fill(nextPosition, p));
  }

  /** Token ids of the only row that have passed, evicted ones included. */
  ImmutableIntArray ids() {
    return log.ids();
  }

  /** Position that the next token of a row will get. */
  public int nextPosition(int row) {
    try (ContextGuard.Use use = guard.enter("nextPosition")) {
      return nextPosition[row];
    }
  }

  /** Tokens that have passed in the longest row, evicted ones included. */
  public int tokensSeen() {
    try (ContextGuard.Use use = guard.enter("tokensSeen")) {
      LayerLedger first = layers.get(0).ledger();
      int most = 0;
      for (int b = 0; b < layout.batch(); b++) {
        most = Math.max(most, first.tokensSeen(b));
      }
      return most;
    }
  }

  /** Tokens in the cache, over rows, layers and KV heads. */
  public long keptTokens() {
    try (ContextGuard.Use use = guard.enter("keptTokens")) {
      return layers.stream().mapToLong(layer -> layer.ledger().totalLength()).sum();
    }
  }

  /** Tokens that have passed, over rows, layers and KV heads. */
  public long seenTokens() {
    try (ContextGuard.Use use = guard.enter("seenTokens")) {
      long seen = 0;
      for (LayerCache layer : layers) {
        for (int b = 0; b < layout.batch(); b++) {
          seen += (long) layer.ledger().tokensSeen(b) * layout.kvHeads();
        }
      }
      return seen;
    }
  }

  /** Fraction of the tokens seen that is no longer in the cache; 0 before anything has passed. */
  public double achievedRatio() {
    try (ContextGuard.Use use = guard.enter("achievedRatio")) {
      long seen = seenTokens();
      return seen == 0 ? 0 : 1.0 - (double) keptTokens() / seen;
    }
  }

  /** Bytes of the keys and values of the tokens that are in the cache. */
  public long logicalBytes() {
    try (ContextGuard.Use use = guard.enter("logicalBytes")) {
      return keptTokens() * layers.get(0).store().bytesPerToken();
    }
  }

  /**
   * Bytes that the cache takes, padding between heads of different length and spare room included.
   */
  public long physicalBytes() {
    try (ContextGuard.Use use = guard.enter("physicalBytes")) {
      return layers.stream().mapToLong(layer -> layer.store().physicalBytes()).sum();
    }
  }

  /** Original positions of the tokens that one head holds, ascending. */
  public int[] positions(int layer, int row, int kvHead) {
    try (ContextGuard.Use use = guard.enter("positions")) {
      return layers.get(layer).ledger().positions(row, kvHead);
    }
  }

  /** Whether it is one row of a model's. */
  boolean isOneRowOf(DecoderModel other) {
    return model == other && layout.batch() == 1;
  }

  PassPlan passPlan() {
    return new PassPlan(model.behaviour());
  }

  List<LayerCache> layers() {
    return layers;
  }

  Set<Signal> observed() {
    return signals;
  }

  /** What a graph of this model takes and gives; for reports. */
  DecoderInterface ports() {
    return model.cachePorts();
  }

  /**
   * Gives the memory back that no fork holds, once a call that runs is over; any thread may do so.
   * Closing twice does nothing more.
   */
  @Override
  public void close() {
    guard.close();
  }

  private void release() {
    layers.forEach(LayerCache::close);
    states.close();
  }
}
