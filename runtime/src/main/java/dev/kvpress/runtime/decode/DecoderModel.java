package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.kernel.Workers;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.auxiliary.Auxiliaries;
import dev.kvpress.runtime.cache.BufferPool;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.export.Checkpoint;
import dev.kvpress.runtime.export.architecture.DecoderConfig;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphFindings;
import dev.kvpress.runtime.graph.GraphSignal;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.PackedForm;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.kernels.CudaKernels;
import dev.kvpress.runtime.graph.kernels.Fallback;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import dev.kvpress.runtime.saved.SavedContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.IntStream;

/**
 * A loaded model. Graphs are tapped and sessions made when first needed, one for each set of
 * signals; all share the weights.
 *
 * <p>Safe for many threads: any number of contexts of one model may be used at once, each by one
 * thread at a time, and each gets the very logits that it gets alone. As many passes run at once as
 * fill the cores, two at least (on a GPU one); others wait for their turn and take no memory for
 * the pass before. Whatever is tried, opened or read once for a model is so by the first thread
 * that needs it, and others that need it wait for that. What fails in one context changes nothing
 * for the others.
 */
public final class DecoderModel implements AutoCloseable {
  private final GraphBehaviour behaviour;
  private final DecoderGraph decomposed;
  private final FusedForm fused;
  private final DecoderInfo info;
  private final ModelPrompts prompts;
  private final Optional<DecoderConfig> config;
  private final ModelRotary rotary;
  private final SessionFactory sessions;
  private final BufferPool pool = new BufferPool();
  private final Workers workers;
  private final LoadedGraphs graphs;
  private final RolledForm rolled;
  private final EngineTurns turns;
  private final ModelConstants constants;
  private final PressSupport support;
  private final List<Remark> notices;
  private final PaddingTrial padding = new PaddingTrial(this);
  private final JoinTrial joining = new JoinTrial(this);
  private final AdaptedModels adapted;
  private volatile boolean closed;

  /** A graph of this model with its session. */
  record LoadedGraph(TappedGraph graph, StepSession session) {}

  private DecoderModel(
      Path model,
      ModelOpener.Parts parts,
      ModelConstants constants,
      AdaptedModels adapted,
      int threads,
      int passesAtOnce) {
    this.adapted = adapted;
    this.workers = Workers.of(threads);
    this.behaviour = parts.behaviour();
    this.decomposed = behaviour.graph();
    this.sessions = parts.sessions();
    this.fused = new FusedForm(parts.fused(), sessions);
    this.constants = constants;
    this.info =
        parts
            .info()
            .withContentHash(
                ModelHash.with(parts.info().contentHash(), constants.auxiliaries().hashes()));
    this.prompts = new ModelPrompts(model, info);
    this.config = parts.config();
    this.rotary = new ModelRotary(config);
    this.notices = parts.notices();
    this.graphs = new LoadedGraphs(info.name(), decomposed, fused, sessions);
    this.rolled = new RolledForm(info.name(), decomposed, config, fused, sessions);
    this.support =
        new PressSupport(
            info, behaviour, graphs, rotary, constants, narrowestWindow(), parts.queryHeadsKnown());
    this.turns = new EngineTurns(info.name(), passesAtOnce);
    // What a probe has loaded serves passes too.
    behaviour.handOverSession().ifPresent(graphs::keep);
  }

  /**
   * Opens a model: a Hugging Face folder, a llama2.c checkpoint, or an ONNX file (or a folder that
   * holds one). Checkpoints are exported through the cache.
   *
   * @throws ModelException if the model cannot be read or the provider is not there
   */
  public static DecoderModel open(Path model, DecoderOptions options) {
    return open(
        model,
        options,
        new OrtSessionFactory(options.provider(), options.device(), options.usedThreads()));
  }

  /** Opens a model on sessions of somebody else; for tests and for other engines. */
  public static DecoderModel open(Path model, DecoderOptions options, SessionFactory sessions) {
    int cores = Runtime.getRuntime().availableProcessors();
    int passes = EngineTurns.sensible(options.provider(), options.usedThreads(), cores);
    return open(model, options, sessions, passes);
  }

  /**
   * The same for trials of how many passes should run at once.
   *
   * @param passesAtOnce at least 1
   */
  static DecoderModel open(
      Path model, DecoderOptions options, SessionFactory sessions, int passesAtOnce) {
    PressKernels.announce();
    ModelOpener opener = new ModelOpener(model, options, sessions);
    return open(model, options, sessions, passesAtOnce, opener.open());
  }

  /** Opens a checkpoint that is read from a path already. */
  static DecoderModel open(
      Checkpoint checkpoint, Path model, DecoderOptions options, SessionFactory sessions) {
    int cores = Runtime.getRuntime().availableProcessors();
    return open(
        model,
        options,
        sessions,
        EngineTurns.sensible(options.provider(), options.usedThreads(), cores),
        new ModelOpener(model, options, sessions).open(checkpoint));
  }

  private static DecoderModel open(
      Path model,
      DecoderOptions options,
      SessionFactory sessions,
      int passesAtOnce,
      ModelOpener.Parts parts) {
    boolean done = false;
    try {
      // Last, since only then the number of query heads is known.
      ModelConstants constants =
          ModelConstants.of(
              model,
              parts.behaviour().graph(),
              parts.info(),
              parts.hiddenSize(),
              options.auxiliaries());
      DecoderModel opened =
          new DecoderModel(
              model,
              parts,
              constants,
              new AdaptedModels(model, options, sessions),
              options.usedThreads(),
              passesAtOnce);
      done = true;
      return opened;
    } finally {
      if (!done) {
        parts.behaviour().handOverSession().ifPresent(StepSession::close);
      }
    }
  }

  /** As many threads for presses as operators have. */
  Workers workers() {
    return workers;
  }

  ModelConstants constants() {
    return constants;
  }

  /** The trained tensors that were found for this model. */
  public Auxiliaries auxiliaries() {
    return constants().auxiliaries();
  }

  /** What the model is. */
  public DecoderInfo info() {
    return info;
  }

  /** How its prompts are written. */
  public ModelPrompts prompts() {
    return prompts;
  }

  /** What was recognised in its graph. */
  public GraphFindings findings() {
    return decomposed.findings();
  }

  /** What a user should know about how the model was read, in words; often empty. */
  public List<Remark> notices() {
    return notices;
  }

  /** Where its graphs run, for reports. */
  public String provider() {
    return sessions.provider();
  }

  /** Version of the engine, for reports. */
  public String engineVersion() {
    return sessions.version();
  }

  /**
   * Refuses a press whose signals the model's graph cannot give, before anything runs.
   *
   * @throws ModelException naming press, signal and reason
   */
  public void requireSignals(String pressName, Set<Signal> signals) {
    support.requireSignals(pressName, signals);
  }

  /** What the decomposed graph takes when tokens may have been removed from its caches. */
  DecoderInterface cachePorts() {
    return decomposed.prunedPorts();
  }

  /** Why a signal cannot be had; empty where it can. */
  public Optional<String> refusal(Signal signal) {
    return support.refusal(signal);
  }

  Optional<String> refusal(GraphSignal needed) {
    return support.refusal(needed);
  }

  /**
   * Refuses a press that cannot be right on this model, before anything runs: for its signals, for
   * how unevenly it cuts, or since the graph computes something else once tokens are gone.
   *
   * @param pressName for the message
   * @param positions how far the longest text goes, tokens to be generated included
   * @throws ModelException naming press and reason
   */
  public void requirePress(String pressName, ModelPress press, int positions) {
    support.requirePress(pressName, press, positions);
    press.cacheFormat().ifPresent(new CacheForms(this)::require);
    adapted
        .refusal(press, auxiliaries())
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "press %s cannot be used on model %s: %s"
                      .formatted(pressName, info.name(), reason));
            });
    if (press.readsAgain()) {
      prompts.frame();
    }
  }

  /**
   * Why a press cannot be right on this model, its signals left out; empty where it can.
   *
   * @param positions how far the longest text goes
   */
  public Optional<String> refusal(ModelPress press, int positions) {
    return support
        .refusal(press, positions)
        .or(() -> press.cacheFormat().flatMap(this::refusal))
        .or(() -> adapted.refusal(press, auxiliaries()));
  }

  /** The model through which trained tokens pass; see {@link ModelPress#appends()}. */
  DecoderModel adapted(String tokens) {
    return adapted.get(tokens, auxiliaries());
  }

  /** Why tokens cannot be moved to other positions; empty where they can. */
  Optional<String> moveRefusal() {
    return support.moveRefusal();
  }

  /**
   * Why a graph cannot go on right once tokens are gone from its cache; empty where it can. A
   * foreign graph whose masks and positions were found is edited to go by true positions; one of
   * which they were not is tried.
   *
   * @param positions how far the longest text goes
   */
  public Optional<String> evictionRefusal(int positions) {
    return support.evictionRefusal(positions);
  }

  /** Refuses to go on after an eviction where the graph would compute something else. */
  void requireEviction(int positions) {
    support.requireEviction(positions);
  }

  /** Why rows of different length cannot pass together; empty where they can. */
  Optional<String> paddingRefusal() {
    return padding.refusal();
  }

  /** Why rows whose prompts have passed alone cannot go on together; empty where they can. */
  Optional<String> joinRefusal() {
    return joining.refusal();
  }

  /** Refuses rows of different length where padding would change what they give. */
  void requirePadding() {
    paddingRefusal()
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "rows of different length need padding, which the graph of model %s does not bear: %s; pass prompts of one length or one by one"
                      .formatted(info.name(), reason));
            });
  }

  GraphBehaviour behaviour() {
    return behaviour;
  }

  /**
   * Starts with an empty cache.
   *
   * @param batch B
   * @param signals what is to be observed on the way; see {@link #requireSignals}
   * @throws IllegalStateException if the model is closed
   */
  public Context start(int batch, Set<Signal> signals) {
    return start(batch, signals, Positions.TRUE);
  }

  /**
   * The same with a choice of where tokens stand.
   *
   * @throws ModelException if tokens of this model cannot stand there; see {@link #rolledRefusal()}
   */
  public Context start(int batch, Set<Signal> signals, Positions positions) {
    requireOpen();
    checkArgument(batch >= 1, "batch must be at least 1, found %s", batch);
    OptionalInt fixed = decomposed.fixedBatch();
    if (fixed.isPresent() && fixed.getAsInt() != batch) {
      throw new ModelException(
          "the graph of model %s takes batches of %d only, found %d rows; pass prompts one by one or export it with an open batch"
              .formatted(info.name(), fixed.getAsInt(), batch));
    }
    if (positions == Positions.ROLLED) {
      rolled.require(batch);
    }
    return new Context(this, ContextRun.start(positions, batch, signals));
  }

  /**
   * A context out of a file, as it was when it was saved; it goes on bit for bit. The file is
   * mapped: it must not be changed in place while the context is in use.
   *
   * @throws ModelException naming what is wrong: a file that is cut, altered or no saved context,
   *     another version of the format, another model or other weights than it was made with
   * @throws IllegalStateException if the model is closed
   */
  public Context loadContext(Path file) {
    return loadContext(SavedContext.open(file));
  }

  /** The same of a file that was read already. */
  public Context loadContext(SavedContext saved) {
    requireOpen();
    return new ContextFiles(this).load(saved);
  }

  /** Whether there is a fused graph that gives what a pass needs where the sessions run. */
  boolean fusedGives(TapRequest tap) {
    return fused.gives(tap);
  }

  /** Whether it takes heads of different length too, one new token at a time. */
  boolean fusedGivesByHead() {
    return fused.givesByHead();
  }

  /**
   * What of the graph that gives signals and takes cut caches a GPU has no kernel for; the fused
   * one is used only where it has kernels for all of it.
   */
  public List<Fallback> cudaFallbacks() {
    return CudaKernels.fallbacks(plain());
  }

  /** Operators of that graph whose kernels for a GPU need cuDNN, by name. */
  public SortedSet<String> cudnnOperators() {
    return CudaKernels.cudnnOperators(plain());
  }

  private ModelProto plain() {
    return GraphTap.tap(decomposed, GraphTap.possible(decomposed, TapRequest.NONE)).model();
  }

  /** E, 0 where unknown. */
  int hiddenSize() {
    return ModelOpener.hiddenSize(config, decomposed);
  }

  ModelRotary rotary() {
    return rotary;
  }

  /** Sliding window of a layer, 0 where it has none or none is known. */
  int window(int layer) {
    return config.map(c -> c.plan().get(layer).attention().window()).orElse(0);
  }

  private OptionalInt narrowestWindow() {
    return IntStream.range(0, info.layers()).map(this::window).filter(w -> w > 0).min();
  }

  /** The widest sliding window of a model whose layers all have one, as far as it is known. */
  public OptionalInt widestWindow() {
    return config.map(DecoderConfig::widestWindow).orElse(OptionalInt.empty());
  }

  DecoderGraph graph() {
    return decomposed;
  }

  BufferPool pool() {
    return pool;
  }

  /** Bytes of the keys and values of one token over all layers. */
  public int cacheBytesPerToken() {
    int values = 2 * info.layers() * info.kvHeads() * info.headSize();
    return values * decomposed.ports().cacheType().bytes();
  }

  HostLayerStore.Layout layout(int batch) {
    return new HostLayerStore.Layout(
        batch, info.kvHeads(), info.headSize(), decomposed.ports().cacheType());
  }

  LoadedGraph load(AttentionForm form, TapRequest request) {
    return graphs.get(form, request);
  }

  /** Why its caches cannot be packed in a way where it runs; empty where they can. */
  public Optional<String> packedRefusal(PackedForm form) {
    return graphs.refusal(form);
  }

  /** Why its caches cannot be kept in a format; empty where they can. */
  public Optional<String> refusal(CacheFormat format) {
    return new CacheForms(this).refusal(format);
  }

  /** The graph over packed caches; see {@link #packedRefusal}. */
  LoadedGraph load(PackedForm form, TapRequest request) {
    return graphs.get(form, request);
  }

  /** The graphs whose keys are cached before rotation. */
  RolledForm rolled() {
    return rolled;
  }

  /**
   * What is to be known of a text that goes beyond the positions that the model was made for; empty
   * where it does not. {@link Context#beyondTrained()} says it of a text that has passed.
   *
   * @param reached positions up to the end of the text, or slots of the largest cache
   */
  public Optional<Remark> beyondTrained(Positions positions, int reached) {
    return new TrainedLength(info, config).remark(positions, reached);
  }

  /** Why no text can go beyond the positions that the model was made for; empty where one can. */
  public Optional<String> beyondTrainedRefusal() {
    return new TrainedLength(info, config).refusal();
  }

  /** Why tokens of this model cannot stand at their slots; empty where they can. */
  public Optional<String> rolledRefusal() {
    return rolled.refusal();
  }

  /**
   * {@link #requirePress(String, ModelPress, int)} where tokens stand elsewhere than in the text.
   *
   * @param where tokens stand
   */
  public void requirePress(String pressName, ModelPress press, int positions, Positions where) {
    if (where == Positions.TRUE) {
      requirePress(pressName, press, positions);
      return;
    }
    rolledRefusal(press)
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "press %s cannot be used with rolled positions on model %s: %s"
                      .formatted(pressName, info.name(), reason));
            });
    requirePress(pressName, press.withoutMoving(), positions);
  }

  /**
   * Why a press cannot be right on contexts with rolled positions; empty where it can. What moves
   * tokens together has nothing to do there and is left out of the press.
   */
  public Optional<String> rolledRefusal(ModelPress press) {
    return rolled.refusal().or(() -> RolledForm.refusal(press));
  }

  /** Whose turn it is to run a pass. */
  EngineTurns turns() {
    return turns;
  }

  /**
   * Refuses work for a model that is closed.
   *
   * @throws IllegalStateException naming it
   */
  public void requireOpen() {
    checkState(!closed, "model %s is closed", info.name());
  }

  /**
   * Closes all sessions, once the passes that run are over. Contexts cannot go on: their next call
   * says that the model is closed; their memory is theirs to give back. Any thread may close it;
   * closing twice does nothing more.
   */
  @Override
  public synchronized void close() {
    closed = true;
    turns.close();
    adapted.close();
    graphs.close();
    rolled.close();
    workers.close();
    pool.close();
  }
}
