package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import com.google.common.primitives.ImmutableIntArray;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.saved.ContextNotes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
  private final List<LayerCache> layers;
  private final CacheCount count;
  private final ContextGuard guard;
  private ExtraStates states;
  private RunState run;

  /** A context without tokens. */
  Context(DecoderModel model, ContextRun start) {
    this(
        model,
        model.layout(start.nextPosition().length()),
        new RunState(start),
        LayerCache.empty(model, model.layout(start.nextPosition().length()), start.signals()),
        new ExtraStates(model.graph().ports(), start.nextPosition().length()));
  }

  /** A context that goes on somewhere; the parts become its own. */
  Context(
      DecoderModel model,
      HostLayerStore.Layout layout,
      RunState run,
      List<LayerCache> layers,
      ExtraStates states) {
    this.model = model;
    this.layout = layout;
    this.run = run;
    this.layers = layers;
    this.states = states;
    count = new CacheCount(layers);
    guard = new ContextGuard(model.turns(), this::release);
  }

  /** A fork that observes what passes from here on, and nothing of what has passed. */
  Context forkObserving(Set<Signal> other) {
    Context fork = fork();
    fork.run.observe(other);
    fork.layers.replaceAll(layer -> layer.observing(other));
    return fork;
  }

  /** A second conversation that goes on from here; its changes do not show in this one. */
  public Context fork() {
    try (ContextGuard.Use use = guard.enterOpen("fork")) {
      return through(model);
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
      run.allowFused(reserveTokens);
    }
    return this;
  }

  /** Goes back to standard operators, so that contexts of any shape go on by the same graph. */
  public Context avoidFused() {
    try (ContextGuard.Use use = guard.enter("avoidFused")) {
      run.avoidFused();
    }
    return this;
  }

  /** Observes nothing from here on: later passes emit no signals and are cheaper. */
  public Context stopObserving() {
    try (ContextGuard.Use use = guard.enter("stopObserving")) {
      run.stopObserving();
    }
    return this;
  }

  /** Saves it with what is known of it already; see {@link #save(Path, ContextNotes)}. */
  public void save(Path file) {
    try (ContextGuard.Use use = guard.enterOpen("save")) {
      save(file, run.notes());
    }
  }

  /**
   * Saves it to a file, which is there whole afterwards, or as it was before. {@link
   * DecoderModel#loadContext} goes on from it bit for bit, in another process too. What was
   * observed and what a press remembers is saved unless {@link #stopObserving} was called; signals
   * of the last step alone are not, so a press that reads them has to be asked before.
   *
   * @param notes what is to be said of it
   * @throws ModelException if the file cannot be written, or if a press remembers what cannot be
   *     kept in a file
   */
  public void save(Path file, ContextNotes notes) {
    try (ContextGuard.Use use = guard.enterOpen("save")) {
      if (run.tokens().contains(TrainedTokens.NO_ID)) {
        throw new ModelException(
            "a context that holds trained tokens cannot be saved: they are no text, and their ids are none of model %s; save it before it is pressed, or use another press"
                .formatted(model.info().name()));
      }
      RunState noted = run.copy();
      noted.note(notes);
      new ContextFiles(model).save(file, noted.now(), layers, states.named());
    }
  }

  /** What is known of it beside what it holds: how it was cut last, where it comes from. */
  public ContextNotes notes() {
    try (ContextGuard.Use use = guard.enter("notes")) {
      return run.notes();
    }
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

  /** The same with somebody who is told the logits of all tokens of each pass. */
  PromptPasses scoredPrompt(int[] ids, int chunkSize, Consumer<Logits> listener) {
    try (ContextGuard.Use use = guard.enterOpen("prefill")) {
      model.info().requireTokens(ids);
      return new PromptPasses(this, TokenBlock.of(List.of(ids)), chunkSize, listener);
    }
  }

  /** Ends the step of a prompt whose passes have run. */
  void prefilled(int columns) {
    run.stepEnded(true, columns);
  }

  /** Books one token of the only row that has passed together with those of other contexts. */
  void passed(int id) {
    run.passed(id);
    run.reached(run.nextPosition(0));
    run.stepEnded(false, 1);
  }

  /** Becomes what another context of the same layers is. */
  void restore(Context before) {
    for (int l = 0; l < layers.size(); l++) {
      layers.get(l).close();
      layers.set(l, before.layers.get(l).fork());
    }
    states = before.states.fork();
    run = before.run.copy();
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
    int[] sizes = passPlan().ofStep(block.columns(), !first, count.hasEvicted());
    Logits logits =
        sizes.length == 1 ? passStep(block, sizes) : allOrNone(() -> passStep(block, sizes));
    run.stepEnded(first, block.columns());
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
    TapRequest tap = SignalTaps.request(run.signals(), true);
    int[] end = run.positionsAfter(block.columns());
    List<Logits> parts = new ArrayList<>();
    int from = 0;
    for (int size : sizes) {
      TokenBlock part = block.columns(from, from + size);
      parts.add(requireNonNull(pass(part, tap, from == 0, true, end, block.columns() - from)));
      from += size;
    }
    return Logits.joined(parts, layout.batch());
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
    AttentionForm form =
        new FormChoice(model, layers)
            .of(block, tap, run.endAfter(block.columns()), run.mayPassInPlace());
    DecoderModel.LoadedGraph graph = run.standing().graph(model, layers, form, tap);
    if (graph.graph().ports().form() == AttentionForm.FUSED && !FormChoice.suitsFused(block)) {
      throw new ModelException(
          "model %s has only the fused attention, which takes one token per pass from several rows, found %d from %d; pass rows one by one or export the decomposed form"
              .formatted(model.info().name(), block.columns(), block.batch()));
    }
    PassPlaces places = run.standing().places(layers, block, run.nextPosition(), sequenceLengths);
    Logits logits =
        new PassRun(model, graph, layout, places.layers(), states, block, guard::requireWanted)
            .run(
                places.first(),
                places.ends(),
                form == AttentionForm.DECOMPOSED || form == AttentionForm.PACKED
                    ? expectedTokens
                    : Math.max(run.reserve(), expectedTokens),
                expectedTokens,
                newStep,
                wantLogits);
    run.passed(block);
    run.reached(run.standing().next(layers, run.endAfter(0)));
    return logits;
  }

  /** Refuses to go on where tokens are gone and the graph cannot bear that. */
  void requireEvictionBorne(int newTokens) {
    if (count.hasEvicted()) {
      model.requireEviction(run.endAfter(newTokens));
    }
  }

  /**
   * The form in place that the next tokens may pass through, one by one; empty where there is none.
   *
   * @param press what may cut the cache meanwhile
   */
  Optional<AttentionForm> formInPlace(int newTokens, Optional<ModelPress> press) {
    TapRequest tap = SignalTaps.request(run.signals(), true);
    return run.mayPassInPlace()
        ? new FormChoice(model, layers).inPlace(tap, run.endAfter(newTokens), press)
        : Optional.empty();
  }

  /**
   * Lets a press cut the cache, after a prefill or after a step, and brings it into the format that
   * the press has, if it has one.
   *
   * @throws ModelException if the model's graph cannot go on with what the press wants to leave
   * @throws IllegalStateException if another thread uses the context, or if it or the model is
   *     closed, before or meanwhile
   */
  public EditSummary compress(ModelPress press, Budget budget) {
    try (ContextGuard.Use use = guard.enterOpen("compress")) {
      model.requireOpen();
      return new Cut(model, this, guard).by(press, budget);
    }
  }

  /** A second conversation that goes on from here through another model of the same layers. */
  Context through(DecoderModel other) {
    List<LayerCache> forked = new ArrayList<>();
    layers.forEach(layer -> forked.add(layer.fork()));
    return new Context(other, layout, run.copy(), forked, states.fork());
  }

  /**
   * Keeps the cache in fewer bits from here on, all layers or none. What has passed is packed but
   * for the most recent tokens; tokens to come are kept in full until they are old enough. Passes
   * go through standard operators over the packed tokens, which are never unpacked but within one
   * of these; a press that looks at keys or values sees those of the tokens as they are kept.
   *
   * <p>What was read before was computed from a cache in full, chunk by chunk, and took the memory
   * of one. Forks made before stay in full.
   *
   * @throws ModelException if the graph or its cache cannot be had so, or numbers in the cache are
   *     not finite
   * @throws IllegalStateException if the cache is in another format already, if another thread uses
   *     the context, or if it or the model is closed
   */
  public Context keepIn(CacheFormat wanted) {
    try (ContextGuard.Use use = guard.enterOpen("keepIn")) {
      pack(wanted);
    }
    return this;
  }

  /** See {@link #keepIn}. */
  void pack(CacheFormat wanted) {
    Optional<CacheFormat> format = format();
    if (!Optional.of(wanted).equals(format)) {
      checkState(format.isEmpty(), "the cache is kept in another format already");
      new CacheForms(model).pack(layers, layout, wanted, run.standing());
    }
  }

  /** The format of the cache, empty where it is in full. */
  public Optional<CacheFormat> cacheFormat() {
    try (ContextGuard.Use use = guard.enter("cacheFormat")) {
      return format();
    }
  }

  Optional<CacheFormat> format() {
    return layers.get(0).store().format();
  }

  /** Where tokens stand. */
  public Positions positions() {
    return run.standing().positions();
  }

  /** Token ids of the only row that have passed, evicted ones included. */
  public ImmutableIntArray ids() {
    return run.tokens();
  }

  Standing standing() {
    return run.standing();
  }

  /** Position that the next token of a row will get; its slot where positions are rolled. */
  public int nextPosition(int row) {
    try (ContextGuard.Use use = guard.enter("nextPosition")) {
      return run.standing().next(layers, run.nextPosition(row));
    }
  }

  /**
   * What is to be known where tokens stood beyond the positions that the model was made for; empty
   * where none did. It may be asked of a context that is closed.
   */
  public Optional<Remark> beyondTrained() {
    return model.beyondTrained(positions(), run.reached());
  }

  /** Layers of the model, each with a cache of its own. */
  public int layerCount() {
    return layers.size();
  }

  /** KV heads of each layer. */
  public int kvHeads() {
    return layout.kvHeads();
  }

  /** Tokens that have passed in the longest row, evicted ones included. */
  public int tokensSeen() {
    try (ContextGuard.Use use = guard.enter("tokensSeen")) {
      return count.tokensSeen();
    }
  }

  /** Tokens in the cache, over rows, layers and KV heads. */
  public long keptTokens() {
    try (ContextGuard.Use use = guard.enter("keptTokens")) {
      return count.kept();
    }
  }

  /** Tokens that have passed, over rows, layers and KV heads. */
  public long seenTokens() {
    try (ContextGuard.Use use = guard.enter("seenTokens")) {
      return count.seen();
    }
  }

  /** Fraction of the tokens seen that is no longer in the cache; 0 before anything has passed. */
  public double achievedRatio() {
    try (ContextGuard.Use use = guard.enter("achievedRatio")) {
      return count.achievedRatio();
    }
  }

  /** Bytes of the keys and values of the tokens that are in the cache, scales included. */
  public long logicalBytes() {
    try (ContextGuard.Use use = guard.enter("logicalBytes")) {
      return count.logicalBytes();
    }
  }

  /**
   * Bytes that the cache takes, padding between heads of different length and spare room included.
   */
  public long physicalBytes() {
    try (ContextGuard.Use use = guard.enter("physicalBytes")) {
      return count.physicalBytes();
    }
  }

  /** Original positions of the tokens that one head holds, ascending. */
  public int[] positions(int layer, int row, int kvHead) {
    try (ContextGuard.Use use = guard.enter("positions")) {
      return layers.get(layer).ledger().positions(row, kvHead);
    }
  }

  /** Whether it is one row of a model's, at true positions. */
  boolean isOneRowOf(DecoderModel other) {
    return isRowOf(other) && positions() == Positions.TRUE;
  }

  /** Whether it is one row of a model's. */
  boolean isRowOf(DecoderModel other) {
    return model == other && layout.batch() == 1;
  }

  PassPlan passPlan() {
    return new PassPlan(model.behaviour());
  }

  CacheCount count() {
    return count;
  }

  RunState run() {
    return run;
  }

  List<LayerCache> layers() {
    return layers;
  }

  Set<Signal> observed() {
    return run.signals();
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
