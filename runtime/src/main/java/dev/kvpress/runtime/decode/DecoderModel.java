package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.kernel.Workers;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.auxiliary.Auxiliaries;
import dev.kvpress.runtime.cache.BufferPool;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.export.architecture.DecoderConfig;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.DecoderInterface;
import dev.kvpress.runtime.graph.GraphFindings;
import dev.kvpress.runtime.graph.GraphSignal;
import dev.kvpress.runtime.graph.GraphTap;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.graph.kernels.CudaKernels;
import dev.kvpress.runtime.graph.kernels.Fallback;
import dev.kvpress.runtime.onnx.ModelProto;
import dev.kvpress.runtime.ort.OrtSessionFactory;
import dev.kvpress.runtime.ort.SessionFactory;
import dev.kvpress.runtime.ort.StepSession;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * A loaded model. Graphs are tapped and sessions made when first needed, one for each set of
 * signals; all share the weights. Contexts of one model must be used from one thread at a time.
 */
public final class DecoderModel implements AutoCloseable {
  private final GraphBehaviour behaviour;
  private final DecoderGraph decomposed;
  private final FusedForm fused;
  private DecoderInfo info;
  private final Optional<DecoderConfig> config;
  private final ModelRotary rotary;
  private final SessionFactory sessions;
  private final BufferPool pool = new BufferPool();
  private final Workers workers;
  private final Map<GraphKey, LoadedGraph> loaded = new HashMap<>();
  private @Nullable ModelConstants constants;
  private final boolean knowsQueryHeads;
  private final List<Remark> notices;
  private final PaddingTrial padding = new PaddingTrial(this);
  private final JoinTrial joining = new JoinTrial(this);
  private boolean closed;

  private record GraphKey(AttentionForm form, TapRequest tap) {}

  /** A graph of this model with its session. */
  record LoadedGraph(TappedGraph graph, StepSession session) {}

  private DecoderModel(ModelOpener.Parts parts, int threads) {
    this.workers = Workers.of(threads);
    this.behaviour = parts.behaviour();
    this.decomposed = behaviour.graph();
    this.sessions = parts.sessions();
    this.fused = new FusedForm(parts.fused(), sessions);
    this.info = parts.info();
    this.config = parts.config();
    this.rotary = new ModelRotary(config);
    this.notices = parts.notices();
    this.knowsQueryHeads = parts.queryHeadsKnown();
    behaviour.handOverSession().ifPresent(this::keep);
  }

  /** What a probe has loaded serves passes too. */
  private void keep(StepSession plain) {
    TappedGraph tapped = GraphTap.tap(decomposed, TapRequest.NONE);
    loaded.put(
        new GraphKey(decomposed.ports().form(), TapRequest.NONE), new LoadedGraph(tapped, plain));
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
        new OrtSessionFactory(options.provider(), options.device(), options.threads()));
  }

  /** Opens a model on sessions of somebody else; for tests and for other engines. */
  public static DecoderModel open(Path model, DecoderOptions options, SessionFactory sessions) {
    PressKernels.announce();
    ModelOpener.Parts parts = new ModelOpener(model, options, sessions).open();
    return new DecoderModel(parts, options.usedThreads()).withConstants(model, options);
  }

  /** Last, since only then the number of query heads is known. */
  private DecoderModel withConstants(Path model, DecoderOptions options) {
    boolean done = false;
    try {
      constants = ModelConstants.of(model, decomposed, info, hiddenSize(), options.auxiliaries());
      info =
          info.withContentHash(
              ModelHash.with(info.contentHash(), constants.auxiliaries().hashes()));
      done = true;
      return this;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  /** As many threads for presses as operators have. */
  Workers workers() {
    return workers;
  }

  ModelConstants constants() {
    return requireNonNull(constants, "the model is not open yet");
  }

  /** The trained tensors that were found for this model. */
  public Auxiliaries auxiliaries() {
    return constants().auxiliaries();
  }

  /** What the model is. */
  public DecoderInfo info() {
    return info;
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
    for (Signal signal : signals) {
      refusal(signal)
          .ifPresent(
              reason -> {
                throw new ModelException(
                    "press %s needs %s, which model %s cannot give: %s"
                        .formatted(pressName, signal.label(), info.name(), reason));
              });
    }
    constants()
        .mismatch(signals)
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "press %s does not suit model %s: %s".formatted(pressName, info.name(), reason));
            });
  }

  /** What the decomposed graph takes when tokens may have been removed from its caches. */
  DecoderInterface cachePorts() {
    return decomposed.prunedPorts();
  }

  /** Why a signal cannot be had; empty where it can. */
  public Optional<String> refusal(Signal signal) {
    if (signal instanceof Signal.Rotary) {
      return rotary.refusal();
    }
    if (signal instanceof Signal.OutputProjection || signal instanceof Signal.Auxiliary) {
      return constants().refusal(signal);
    }
    return refusal(SignalTaps.needed(signal).orElseThrow());
  }

  Optional<String> refusal(GraphSignal needed) {
    return decomposed
        .signals()
        .refusal(needed)
        .or(
            () ->
                knowsQueryHeads
                    ? attentionRefusal(needed)
                    : Optional.of(
                        behaviour
                            .attentionRefusal()
                            .orElse("the graph does not tell its number of query heads")));
  }

  private Optional<String> attentionRefusal(GraphSignal signal) {
    return switch (signal) {
      case COLUMN_SUMS, LAST_ROWS, FULL_ATTENTION -> behaviour.attentionRefusal();
      default -> Optional.empty();
    };
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
    requireSignals(pressName, press.needs());
    refusal(press, positions)
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "press %s cannot be used on model %s: %s"
                      .formatted(pressName, info.name(), reason));
            });
  }

  /**
   * Why a press cannot be right on this model, its signals left out; empty where it can.
   *
   * @param positions how far the longest text goes
   */
  public Optional<String> refusal(ModelPress press, int positions) {
    if (press.leaves() == CacheShape.WHOLE || press.keepsAll()) {
      return Optional.empty();
    }
    return Evenness.refusal(cachePorts(), press.leaves())
        .or(() -> press.movesTokens() ? moveRefusal() : Optional.empty())
        .or(() -> evictionRefusal(positions));
  }

  /** Why tokens cannot be moved to other positions; empty where they can. */
  Optional<String> moveRefusal() {
    return cachePorts().layers().stream().anyMatch(l -> l.cachePositions() != null)
        ? Optional.of(
            "it moves tokens to other positions, but sliding windows and ALiBi go by where tokens stood; use it without key rotation")
        : Optional.empty();
  }

  /**
   * Why a graph cannot go on right once tokens are gone from its cache; empty where it can. A
   * foreign graph whose masks and positions were found is edited to go by true positions; one of
   * which they were not is tried.
   *
   * @param positions how far the longest text goes
   */
  public Optional<String> evictionRefusal(int positions) {
    if (decomposed.ports().form() != AttentionForm.FOREIGN || decomposed.isPrunable()) {
      return Optional.empty();
    }
    StepSession session = load(AttentionForm.DECOMPOSED, TapRequest.NONE).session();
    return behaviour
        .evictionRefusal(session, positions)
        .map(
            reason ->
                "%s; it cannot be edited to go by true positions either, since %s"
                    .formatted(
                        reason, decomposed.pruningRefusal().orElse("nothing is known of it")));
  }

  /** Refuses to go on after an eviction where the graph would compute something else. */
  void requireEviction(int positions) {
    evictionRefusal(positions)
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "tokens cannot be removed from the cache of model %s: %s"
                      .formatted(info.name(), reason));
            });
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
   */
  public Context start(int batch, Set<Signal> signals) {
    checkArgument(batch >= 1, "batch must be at least 1, found %s", batch);
    OptionalInt fixed = decomposed.fixedBatch();
    if (fixed.isPresent() && fixed.getAsInt() != batch) {
      throw new ModelException(
          "the graph of model %s takes batches of %d only, found %d rows; pass prompts one by one or export it with an open batch"
              .formatted(info.name(), fixed.getAsInt(), batch));
    }
    return new Context(this, batch, signals);
  }

  /** Whether there is a fused graph that gives what a pass needs where the sessions run. */
  boolean fusedGives(TapRequest tap) {
    return fused.gives(tap);
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
    return config.map(DecoderConfig::hidden).orElse(decomposed.hiddenSize().orElse(0));
  }

  ModelRotary rotary() {
    return rotary;
  }

  /** Sliding window of a layer, 0 where it has none or none is known. */
  int window(int layer) {
    return config.map(c -> c.plan().get(layer).attention().window()).orElse(0);
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

  synchronized LoadedGraph load(AttentionForm form, TapRequest request) {
    checkState(!closed, "model %s is closed", info.name());
    DecoderGraph graph = form == AttentionForm.FUSED ? fused.orElse(decomposed) : decomposed;
    TapRequest tap = GraphTap.possible(graph, request);
    GraphKey key = new GraphKey(graph.ports().form(), tap);
    LoadedGraph ready = loaded.get(key);
    if (ready == null) {
      TappedGraph tapped = GraphTap.tap(graph, tap);
      ready = new LoadedGraph(tapped, sessions.open(tapped));
      loaded.put(key, ready);
    }
    return ready;
  }

  /** Closes all sessions; closing twice does nothing more. Contexts cannot go on. */
  @Override
  public synchronized void close() {
    closed = true;
    loaded.values().forEach(graph -> graph.session().close());
    loaded.clear();
    workers.close();
  }
}
