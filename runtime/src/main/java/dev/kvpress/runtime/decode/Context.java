package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSet;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.ModelSignals;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.TapRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One conversation with a model: the cache of all layers, what was observed of its tokens, and the
 * position at which the text goes on. True positions go on after eviction.
 *
 * <p>Fork it to go on in several ways from one prefill; forks share memory until they change. A
 * failed pass or edit leaves the context as it was.
 */
public final class Context implements AutoCloseable {
  private final DecoderModel model;
  private final HostLayerStore.Layout layout;
  private final List<LayerCache> layers = new ArrayList<>();
  private ExtraStates states;
  private final int[] nextPosition;
  private int[] firstStepEnd;
  private Set<Signal> signals;
  private Phase phase = Phase.PREFILL;
  private int lastStepTokens;
  private boolean fusedAllowed;
  private int reserve;
  private boolean closed;

  Context(DecoderModel model, int batch, Set<Signal> signals) {
    this.model = model;
    this.layout = model.layout(batch);
    this.signals = ImmutableSet.copyOf(signals);
    this.nextPosition = new int[batch];
    this.firstStepEnd = new int[batch];
    this.states = new ExtraStates(model.graph().ports(), batch);
    boolean queries = signals.stream().anyMatch(s -> s instanceof Signal.Queries q && !q.rotated());
    boolean done = false;
    try {
      for (int l = 0; l < model.info().layers(); l++) {
        LayerLedger ledger =
            LayerLedger.observing(
                signals, batch, model.info().queryHeads(), model.info().kvHeads());
        layers.add(new LayerCache(HostLayerStore.empty(model.pool(), layout, 0), ledger, queries));
      }
      done = true;
    } finally {
      if (!done) {
        layers.forEach(LayerCache::close);
      }
    }
  }

  private Context(Context that) {
    model = that.model;
    layout = that.layout;
    signals = that.signals;
    nextPosition = that.nextPosition.clone();
    firstStepEnd = that.firstStepEnd.clone();
    phase = that.phase;
    lastStepTokens = that.lastStepTokens;
    fusedAllowed = that.fusedAllowed;
    reserve = that.reserve;
    states = that.states.fork();
    that.layers.forEach(layer -> layers.add(layer.fork()));
  }

  /** A second conversation that goes on from here; its changes do not show in this one. */
  public Context fork() {
    requireOpen();
    return new Context(this);
  }

  /**
   * Lets passes over even caches run through the fused graph, which writes into one buffer in place
   * and is faster and smaller. On the processor it shows its attention too. Its results agree with
   * the other form to rounding, not bit for bit.
   *
   * @param reserveTokens cached tokens to keep room for from the start, 0 for none
   */
  public Context allowFused(int reserveTokens) {
    fusedAllowed = true;
    reserve = reserveTokens;
    return this;
  }

  /** Goes back to standard operators, so that contexts of any shape go on by the same graph. */
  public Context avoidFused() {
    fusedAllowed = false;
    return this;
  }

  /** Observes nothing from here on: later passes emit no signals and are cheaper. */
  public Context stopObserving() {
    signals = ImmutableSet.of();
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
   * @throws IllegalStateException if tokens have passed before
   * @throws ModelException if rows differ in length and the model's graph cannot tell padding
   */
  public Logits prefill(List<int[]> rows, int chunkSize) {
    requireOpen();
    checkState(tokensSeen() == 0, "a context is prefilled once; use forward to go on");
    checkArgument(
        rows.size() == layout.batch(), "expected %s rows, found %s", layout.batch(), rows.size());
    rows.forEach(this::checkTokens);
    TokenBlock prompt = TokenBlock.of(rows);
    if (prompt.isPadded()) {
      model.requirePadding();
    }
    Context before = fork();
    boolean done = false;
    try {
      Logits logits = passChunks(prompt, chunkSize);
      phase = Phase.PREFILL;
      firstStepEnd = nextPosition.clone();
      lastStepTokens = prompt.columns();
      done = true;
      return logits;
    } finally {
      if (!done) {
        restore(before);
      }
      before.close();
    }
  }

  private Logits passChunks(TokenBlock prompt, int chunkSize) {
    int window = SignalTaps.window(signals);
    int[] sizes = new PassPlan(model.behaviour()).ofPrompt(prompt.columns(), chunkSize, window);
    int from = 0;
    Logits logits = null;
    for (int i = 0; i < sizes.length; i++) {
      boolean last = i == sizes.length - 1;
      // Where tokens pass singly, the last queries are spread over the last passes.
      boolean inWindow = from + sizes[i] > prompt.columns() - Math.max(1, window);
      TapRequest tap = SignalTaps.request(signals, inWindow).withLastLogits();
      // The cache of an unpadded prompt is even as long as nothing was evicted.
      tap = prompt.isPadded() ? tap : tap.withoutCacheBias();
      logits =
          pass(
              prompt.columns(from, from + sizes[i]),
              tap,
              i == 0,
              last,
              prompt.validTokens(),
              prompt.columns());
      from += sizes[i];
    }
    return requireNonNull(logits);
  }

  private void restore(Context before) {
    for (int l = 0; l < layers.size(); l++) {
      layers.get(l).close();
      layers.set(l, before.layers.get(l).fork());
    }
    states = before.states.fork();
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
   */
  public Logits forward(List<int[]> rows) {
    requireOpen();
    checkArgument(
        rows.size() == layout.batch(), "expected %s rows, found %s", layout.batch(), rows.size());
    rows.forEach(this::checkTokens);
    TokenBlock block = TokenBlock.of(rows);
    checkArgument(!block.isPadded(), "rows of a step must have the same number of tokens");
    boolean first = tokensSeen() == 0;
    int[] sizes = new PassPlan(model.behaviour()).ofStep(block.columns(), !first, hasEvicted());
    Logits logits = sizes.length == 1 ? passStep(block, sizes) : passAllOrNone(block, sizes);
    phase = first ? Phase.PREFILL : Phase.DECODE;
    firstStepEnd = first ? nextPosition.clone() : firstStepEnd;
    lastStepTokens = block.columns();
    return logits;
  }

  private Logits passAllOrNone(TokenBlock block, int[] sizes) {
    Context before = fork();
    boolean done = false;
    try {
      Logits logits = passStep(block, sizes);
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

  private void checkTokens(int[] ids) {
    checkArgument(ids.length > 0, "a row must have at least one token");
    for (int id : ids) {
      checkArgument(
          id >= 0 && id < model.info().vocabulary(),
          "token id %s is outside the vocabulary of %s",
          id,
          model.info().vocabulary());
    }
  }

  private @Nullable Logits pass(
      TokenBlock block,
      TapRequest tap,
      boolean newStep,
      boolean wantLogits,
      int[] sequenceLengths,
      int expectedTokens) {
    if (hasEvicted()) {
      int end = Arrays.stream(positionsAfter(block.columns())).max().orElse(0);
      model.requireEviction(end);
    }
    boolean fused =
        fusedAllowed
            && model.fusedGives(tap)
            && !block.isPadded()
            && suitsFused(block)
            && layers.stream().allMatch(layer -> layer.ledger().isEven())
            && placesArePositions(block);
    DecoderModel.LoadedGraph graph =
        model.load(fused ? AttentionForm.FUSED : AttentionForm.DECOMPOSED, tap);
    if (graph.graph().ports().form() == AttentionForm.FUSED && !suitsFused(block)) {
      throw new ModelException(
          "model %s has only the fused attention, which takes one token per pass from several rows, found %d from %d; pass rows one by one or export the decomposed form"
              .formatted(model.info().name(), block.columns(), block.batch()));
    }
    Logits logits =
        new PassRun(model, graph, layout, layers, states, block)
            .run(
                nextPosition,
                sequenceLengths,
                fused ? Math.max(reserve, expectedTokens) : expectedTokens,
                expectedTokens,
                newStep,
                wantLogits);
    int[] valid = block.validTokens();
    for (int b = 0; b < valid.length; b++) {
      nextPosition[b] += valid[b];
    }
    return logits;
  }

  /**
   * Whether windows that count places in the cache are right: nothing that a window could reach has
   * been removed, or no window is reached.
   */
  private boolean placesArePositions(TokenBlock block) {
    int end = Arrays.stream(positionsAfter(block.columns())).max().orElse(0);
    for (int l = 0; l < layers.size(); l++) {
      int window = model.window(l);
      LayerLedger ledger = layers.get(l).ledger();
      if (window > 0 && end > window && ledger.length(0, 0) != ledger.tokensSeen(0)) {
        return false;
      }
    }
    return true;
  }

  /** GroupQueryAttention refuses several queries of several rows on a cache. */
  private static boolean suitsFused(TokenBlock block) {
    return block.batch() == 1 || block.columns() == 1;
  }

  /**
   * Lets a press cut the cache, after a prefill or after a step.
   *
   * @throws ModelException if the model's graph cannot go on with what the press wants to leave
   */
  public EditSummary compress(ModelPress press, Budget budget) {
    requireOpen();
    checkState(tokensSeen() > 0, "nothing has passed yet; prefill a prompt before compressing");
    if (press.needs().contains(new Signal.Rotary())) {
      requireOneRotation();
    }
    List<LayerSignals> seen = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      LayerSignals.Builder builder =
          layers
              .get(l)
              .signals(phase, lastStepTokens)
              .layer(l, layers.size())
              .workers(model.workers());
      model.rotary().ofLayer(l, tokensSeen()).ifPresent(builder::rotary);
      model.constants().addTo(builder, l);
      seen.add(builder.build());
    }
    long start = System.nanoTime();
    List<CacheEdit> edits = press.compress(new ModelSignals(seen), budget);
    long pressed = System.nanoTime();
    checkState(
        edits.size() == layers.size(),
        "the press has given %s edits for %s layers",
        edits.size(),
        layers.size());
    long before = keptTokens();
    apply(edits);
    Set<String> notices = new LinkedHashSet<>();
    edits.forEach(edit -> notices.addAll(edit.notices()));
    long removed = before - keptTokens();
    return new EditSummary(
        pressed - start, System.nanoTime() - pressed, removed, List.copyOf(notices));
  }

  private void requireOneRotation() {
    int[] lengths = Arrays.copyOf(firstStepEnd, 2 * firstStepEnd.length);
    System.arraycopy(nextPosition, 0, lengths, firstStepEnd.length, nextPosition.length);
    model
        .rotary()
        .mixed(lengths)
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "the press needs the rotation of the cached keys, but model %s has turned them in several ways: %s"
                      .formatted(model.info().name(), reason));
            });
  }

  /** All edits or none. */
  private void apply(List<CacheEdit> edits) {
    OptionalInt position = edits.get(0).nextPosition();
    checkArgument(
        edits.stream().allMatch(edit -> edit.nextPosition().equals(position)),
        "the press gives layers different next positions; one token has one position in all layers");
    if (position.isPresent()) {
      int following = position.getAsInt() + 1;
      model
          .moveRefusal()
          .or(() -> model.rotary().mixed(tokensSeen(), following))
          .ifPresent(
              reason -> {
                throw new ModelException(
                    "the press cannot move tokens of model %s: %s"
                        .formatted(model.info().name(), reason));
              });
    }
    LayerEdits checked = LayerEdits.checked(layers, edits);
    Evenness.require(model.cachePorts(), model.info().name(), checked.after());
    if (checked.keptTokens() < keptTokens()) {
      model.requireEviction(tokensSeen());
    }
    checked.apply();
    position.ifPresent(p -> Arrays.fill(nextPosition, p));
  }

  /** Position that the next token of a row will get. */
  public int nextPosition(int row) {
    return nextPosition[row];
  }

  /** Tokens that have passed in the longest row, evicted ones included. */
  public int tokensSeen() {
    LayerLedger first = layers.get(0).ledger();
    int most = 0;
    for (int b = 0; b < layout.batch(); b++) {
      most = Math.max(most, first.tokensSeen(b));
    }
    return most;
  }

  /** Tokens in the cache, over rows, layers and KV heads. */
  public long keptTokens() {
    return layers.stream().mapToLong(layer -> layer.ledger().totalLength()).sum();
  }

  /** Tokens that have passed, over rows, layers and KV heads. */
  public long seenTokens() {
    long seen = 0;
    for (LayerCache layer : layers) {
      for (int b = 0; b < layout.batch(); b++) {
        seen += (long) layer.ledger().tokensSeen(b) * layout.kvHeads();
      }
    }
    return seen;
  }

  /** Fraction of the tokens seen that is no longer in the cache; 0 before anything has passed. */
  public double achievedRatio() {
    long seen = seenTokens();
    return seen == 0 ? 0 : 1.0 - (double) keptTokens() / seen;
  }

  /** Bytes of the keys and values of the tokens that are in the cache. */
  public long logicalBytes() {
    return keptTokens() * layers.get(0).store().bytesPerToken();
  }

  /**
   * Bytes that the cache takes, padding between heads of different length and spare room included.
   */
  public long physicalBytes() {
    return layers.stream().mapToLong(layer -> layer.store().physicalBytes()).sum();
  }

  /** Original positions of the tokens that one head holds, ascending. */
  public int[] positions(int layer, int row, int kvHead) {
    return layers.get(layer).ledger().positions(row, kvHead);
  }

  /** What a graph of this model takes and gives; for reports. */
  DecoderInterface ports() {
    return model.cachePorts();
  }

  private void requireOpen() {
    checkState(!closed, "the context is closed");
  }

  /** Gives the memory back that no fork holds; closing twice does nothing more. */
  @Override
  public void close() {
    closed = true;
    layers.forEach(LayerCache::close);
    states.close();
  }
}
