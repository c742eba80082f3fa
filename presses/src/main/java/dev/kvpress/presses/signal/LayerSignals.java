package dev.kvpress.presses.signal;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.KeptSlots;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.kernel.Workers;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a press sees of one layer. It always describes the whole prefill, however that was chunked.
 *
 * <p>Rows b, query heads h, KV heads g; query head h reads KV head {@code h / (H/G)}. Cached tokens
 * of a head are addressed by slot, 0 the oldest; {@link #position} tells the original position.
 * Tensors are made when first asked for: a press that reads no keys causes no keys to be read. They
 * are views of memory that is used again once the press has returned: copy what shall outlive that.
 */
public final class LayerSignals {
  private final Phase phase;
  private final int layer;
  private final int layers;
  private final int newTokens;
  private final LayerLedger ledger;
  private final Supplier<HeadVectors> keys;
  private final Supplier<HeadVectors> values;
  private final Map<Class<? extends Signal>, Supplier<FloatTensor>> tensors;
  private final Map<String, Supplier<FloatTensor>> auxiliary;
  private final @Nullable Supplier<FloatTensor> queriesPreRope;
  private final @Nullable RotaryParameters rotary;
  private final Optional<PressState> ownState;
  private final Workers workers;

  private LayerSignals(Builder builder) {
    phase = builder.phase;
    layer = builder.layer;
    layers = builder.layers;
    newTokens = builder.newTokens;
    ledger = builder.ledger;
    keys = builder.viewsAreCopies ? whileHeld(builder.keys) : once(builder.keys);
    values = builder.viewsAreCopies ? whileHeld(builder.values) : once(builder.values);
    tensors = new HashMap<>();
    builder.tensors.forEach((type, tensor) -> tensors.put(type, once(tensor)));
    auxiliary = new HashMap<>();
    builder.auxiliary.forEach((name, tensor) -> auxiliary.put(name, once(tensor)));
    queriesPreRope = builder.queriesPreRope == null ? null : once(builder.queriesPreRope);
    rotary = builder.rotary;
    ownState = builder.ownState;
    workers = builder.workers;
  }

  private static <T> Supplier<T> once(Supplier<T> supplier) {
    return com.google.common.base.Suppliers.memoize(supplier::get);
  }

  /** Made again once nobody holds what was made before. */
  private static Supplier<HeadVectors> whileHeld(Supplier<HeadVectors> supplier) {
    return new Supplier<>() {
      private WeakReference<HeadVectors> made = new WeakReference<>(null);

      @Override
      public synchronized HeadVectors get() {
        HeadVectors held = made.get();
        if (held == null) {
          held = supplier.get();
          made = new WeakReference<>(held);
        }
        return held;
      }
    };
  }

  /** Starts a description of a layer whose tokens the ledger knows. */
  public static Builder of(LayerLedger ledger) {
    return new Builder(ledger);
  }

  /** The phase. */
  public Phase phase() {
    return phase;
  }

  /** Number of this layer, from 0. */
  public int layer() {
    return layer;
  }

  /** Number of layers of the model that have a cache. */
  public int layers() {
    return layers;
  }

  /** B. */
  public int batch() {
    return ledger.batch();
  }

  /** H. */
  public int queryHeads() {
    return ledger.queryHeads();
  }

  /** G. */
  public int kvHeads() {
    return ledger.kvHeads();
  }

  /** H/G, query heads that read one KV head. */
  public int groupSize() {
    return ledger.queryHeads() / ledger.kvHeads();
  }

  /** Tokens cached for one head. */
  public int length(int row, int kvHead) {
    return ledger.length(row, kvHead);
  }

  /** S, tokens cached for the longest head. */
  public int maxLength() {
    return ledger.maxLength();
  }

  /** Whether all heads of a row hold the same tokens. */
  public boolean holdsSameTokens(int row) {
    return ledger.holdsSameTokens(row);
  }

  /** Tokens of one row that have passed, evicted ones included. */
  public int tokensSeen(int row) {
    return ledger.tokensSeen(row);
  }

  /** Tokens of this step per row: the whole prompt in the prefill, usually 1 in decoding. */
  public int newTokens() {
    return newTokens;
  }

  /** Original position of a cached token. */
  public int position(int row, int kvHead, int slot) {
    return ledger.position(row, kvHead, slot);
  }

  /** Number of cached tokens of one head whose original position is below a given one. */
  public int slotsBefore(int row, int kvHead, int position) {
    return ledger.slotsBefore(row, kvHead, position);
  }

  /**
   * Number of queries that could see a cached token so far, its own included: what the column sum
   * is divided by to get a mean.
   */
  public int queriesSeeing(int row, int kvHead, int slot) {
    return ledger.tokensSeen(row) - ledger.position(row, kvHead, slot);
  }

  /**
   * Threads among which a press may share the work on this layer; results must not depend on how
   * many there are.
   */
  public Workers workers() {
    return workers;
  }

  /** Keys after rotation {@code [B, G, S, D]}. */
  public HeadVectors keys() {
    return keys.get();
  }

  /** Values {@code [B, G, S, D]}. */
  public HeadVectors values() {
    return values.get();
  }

  /** Column sums and last rows of the attention, as far as they were asked for. */
  public ObservedAttention attention() {
    return ledger.attention();
  }

  /** The whole attention matrix {@code [B, H, Q, S]}. */
  public FloatTensor attentionMatrix() {
    return tensor(Signal.AttentionMatrix.class, "attentions");
  }

  /** Queries after rotation, of the last W tokens {@code [B, H, W, D]}. */
  public FloatTensor queries() {
    return tensor(Signal.Queries.class, "queries");
  }

  /** Queries before rotation {@code [B, H, W, D]}. */
  public FloatTensor queriesPreRope() {
    if (queriesPreRope == null) {
      throw missing("queries_pre_rope");
    }
    return queriesPreRope.get();
  }

  /**
   * Moments of all queries that have passed, as they were accumulated beside the cache.
   *
   * @return empty where they were not, or not of all; whoever gives {@link #queriesPreRope} instead
   *     lets presses make them
   */
  public Optional<ObservedQueries> observedQueries(Signal.QueryMoments signal) {
    return ledger.queries(signal).filter(own -> own.passed(0) == tokensSeen(0));
  }

  /** Hidden states that enter the attention {@code [B, Q, E]}. */
  public FloatTensor hiddenStates() {
    return tensor(Signal.HiddenStates.class, "hidden_states");
  }

  /** Output projection {@code [E, H*D]}. */
  public FloatTensor outputProjection() {
    return tensor(Signal.OutputProjection.class, "output_projection");
  }

  /** A trained tensor of this layer, by the name of its {@link Signal.Auxiliary}. */
  public FloatTensor auxiliary(String name) {
    Supplier<FloatTensor> supplier = auxiliary.get(name);
    if (supplier == null) {
      throw missing(name);
    }
    return supplier.get();
  }

  /**
   * A trained tensor of a known shape.
   *
   * @throws IllegalArgumentException if it has another, for then it was made for another model
   */
  public FloatTensor auxiliary(String name, int... shape) {
    FloatTensor tensor = auxiliary(name);
    checkArgument(
        Arrays.equals(tensor.shape(), shape),
        "%s of layer %s must have the shape %s, found %s; it was made for another model",
        name,
        layer(),
        Arrays.toString(shape),
        Arrays.toString(tensor.shape()));
    return tensor;
  }

  /** A tensor that a press can do without and did not ask for, if somebody has given it. */
  public Optional<FloatTensor> givenAuxiliary(String name) {
    return auxiliary.containsKey(name) ? Optional.of(auxiliary(name)) : Optional.empty();
  }

  /** The rotary embedding. */
  public RotaryParameters rotary() {
    if (rotary == null) {
      throw missing("rotary");
    }
    return rotary;
  }

  /** What the press has left here at its last step. */
  public Optional<PressState> state() {
    return ownState.or(ledger::state);
  }

  /** The same layer with something else remembered of it, as a press inside another sees it. */
  public LayerSignals withState(PressState state) {
    Builder builder = builder(ledger);
    builder.keys = keys;
    builder.values = values;
    builder.ownState = Optional.of(state);
    return builder.build();
  }

  /**
   * The layer as a second press sees it after an edit: fewer tokens, the same observations of those
   * that stayed. Signals of queries and hidden states are those of the pass and stay whole.
   */
  public LayerSignals after(CacheEdit edit) {
    LayerLedger cut = ledger.view();
    cut.apply(edit);
    return over(cut, edit);
  }

  /**
   * Keys, values and trained tensors of some of the tokens, without attention: what a scorer of
   * cached vectors needs to judge a part by itself. Much cheaper than {@link #after}.
   */
  public LayerSignals select(KeptSlots kept) {
    return over(ledger.select(kept), CacheEdit.keep(kept));
  }

  private LayerSignals over(LayerLedger cut, CacheEdit edit) {
    Builder builder = builder(cut);
    if (edit.state().isEmpty()) {
      builder.ownState =
          ownState.map(state -> edit.kept().isEmpty() ? state : state.afterEdit(edit));
    }
    builder.keys =
        edit.keys().<Supplier<HeadVectors>>map(k -> () -> k).orElse(() -> cut(keys, edit));
    if (edit.zeroedChannels().isPresent()) {
      Supplier<HeadVectors> whole = builder.keys;
      builder.keys = () -> whole.get().zero(edit.zeroedChannels().get(), cut);
    }
    builder.values =
        edit.values().<Supplier<HeadVectors>>map(v -> () -> v).orElse(() -> cut(values, edit));
    return builder.build();
  }

  /** Everything but keys and values, over another account of the tokens. */
  private Builder builder(LayerLedger tokens) {
    Builder builder = new Builder(tokens);
    builder.phase = phase;
    builder.layer = layer;
    builder.layers = layers;
    builder.newTokens = newTokens;
    builder.tensors.putAll(tensors);
    builder.auxiliary.putAll(auxiliary);
    builder.queriesPreRope = queriesPreRope;
    builder.rotary = rotary;
    builder.workers = workers;
    return builder;
  }

  private HeadVectors cut(Supplier<HeadVectors> vectors, CacheEdit edit) {
    return edit.kept().map(kept -> vectors.get().keep(kept)).orElseGet(vectors);
  }

  private FloatTensor tensor(Class<? extends Signal> type, String name) {
    Supplier<FloatTensor> supplier = tensors.get(type);
    if (supplier == null) {
      throw missing(name);
    }
    return supplier.get();
  }

  private IllegalStateException missing(String name) {
    return new IllegalStateException(
        "layer " + layer + " has no signal " + name + "; the press must name it in needs()");
  }

  /** Collects what is known of a layer. */
  public static final class Builder {
    private final LayerLedger ledger;
    private Phase phase = Phase.PREFILL;
    private int layer;
    private int layers = 1;
    private int newTokens;
    private Supplier<HeadVectors> keys = () -> unavailable("keys");
    private Supplier<HeadVectors> values = () -> unavailable("values");
    private final Map<Class<? extends Signal>, Supplier<FloatTensor>> tensors = new HashMap<>();
    private final Map<String, Supplier<FloatTensor>> auxiliary = new HashMap<>();
    private @Nullable Supplier<FloatTensor> queriesPreRope;
    private @Nullable RotaryParameters rotary;
    private Optional<PressState> ownState = Optional.empty();
    private boolean viewsAreCopies;
    private Workers workers = Workers.CALLER;

    private Builder(LayerLedger ledger) {
      this.ledger = checkNotNull(ledger, "ledger is null");
    }

    private static HeadVectors unavailable(String name) {
      throw new IllegalStateException(name + " were not given");
    }

    /** The phase and the tokens of this step. */
    @CanIgnoreReturnValue
    public Builder step(Phase phase, int newTokens) {
      this.phase = phase;
      this.newTokens = newTokens;
      return this;
    }

    /** Which layer this is, and of how many. */
    @CanIgnoreReturnValue
    public Builder layer(int layer, int layers) {
      this.layer = layer;
      this.layers = layers;
      return this;
    }

    /** Keys, made when asked for. */
    @CanIgnoreReturnValue
    public Builder keys(Supplier<HeadVectors> keys) {
      this.keys = keys;
      return this;
    }

    /** Values, made when asked for. */
    @CanIgnoreReturnValue
    public Builder values(Supplier<HeadVectors> values) {
      this.values = values;
      return this;
    }

    /**
     * Says that keys and values are no views of a cache but made out of it, so that those of a
     * layer are let go of when nobody looks at them any more.
     */
    @CanIgnoreReturnValue
    public Builder viewsAreCopies(boolean copies) {
      viewsAreCopies = copies;
      return this;
    }

    /** A tensor of the pass: matrix, queries after rotation, hidden states, output projection. */
    @CanIgnoreReturnValue
    public Builder tensor(Class<? extends Signal> type, Supplier<FloatTensor> tensor) {
      tensors.put(type, tensor);
      return this;
    }

    /** Queries before rotation. */
    @CanIgnoreReturnValue
    public Builder queriesPreRope(Supplier<FloatTensor> queries) {
      this.queriesPreRope = queries;
      return this;
    }

    /** A trained tensor of this layer, by the name of its {@link Signal.Auxiliary}. */
    @CanIgnoreReturnValue
    public Builder auxiliary(String name, Supplier<FloatTensor> tensor) {
      auxiliary.put(name, tensor);
      return this;
    }

    /** The rotary embedding. */
    @CanIgnoreReturnValue
    public Builder rotary(RotaryParameters parameters) {
      this.rotary = parameters;
      return this;
    }

    /** Threads that a press may use; without them it works on its caller's alone. */
    @CanIgnoreReturnValue
    public Builder workers(Workers threads) {
      this.workers = threads;
      return this;
    }

    /** The description. */
    public LayerSignals build() {
      return new LayerSignals(this);
    }
  }
}
