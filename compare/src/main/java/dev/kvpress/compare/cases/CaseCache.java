package dev.kvpress.compare.cases;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.RotaryParameters;
import dev.kvpress.presses.signal.Signal;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The cache of one layer that a case describes step by step. */
final class CaseCache {
  private final Dimensions sizes;
  private final Set<Signal> needs;
  private final LayerLedger ledger;
  private @Nullable HeadVectors keys;
  private @Nullable HeadVectors values;
  private @Nullable LayerInputs step;
  private int stepTokens;
  private boolean started;

  CaseCache(Dimensions sizes, ModelPress press) {
    this.sizes = sizes;
    this.needs = press.needs();
    this.ledger =
        new LayerLedger(
            sizes.batch(),
            sizes.queryHeads(),
            sizes.kvHeads(),
            needs.contains(new Signal.AttentionSums()),
            Signal.rowWindow(needs));
  }

  /** Appends the tokens of a step. */
  void append(LayerInputs next) {
    StepShapes shapes = new StepShapes(sizes, next);
    int tokens = shapes.tokens();
    keys = appended(keys, LayerInputs.KEYS, next, tokens);
    values = appended(values, LayerInputs.VALUES, next, tokens);
    ledger.append(tokens);
    next.tensor(LayerInputs.ATTENTIONS)
        .ifPresent(
            attentions -> {
              shapes.requireAttention(attentions, ledger);
              new StepAttention(sizes, attentions, tokens).observe(ledger, needs);
            });
    step = next;
    stepTokens = tokens;
    started = true;
  }

  private @Nullable HeadVectors appended(
      @Nullable HeadVectors before, String field, LayerInputs next, int tokens) {
    Optional<NestedFloats> tensor = next.tensor(field);
    if (tensor.isEmpty()) {
      return null;
    }
    NestedFloats fresh = tensor.get();
    int size = fresh.inner();
    HeadVectors added =
        HeadVectors.dense(fresh.data(), sizes.batch(), sizes.kvHeads(), tokens, size);
    if (!started) {
      return added;
    }
    if (before == null) {
      throw new CaseException(
          fresh.field()
              + ": expected none, since an earlier step had none; give them in all steps");
    }
    if (before.size() != size) {
      throw new CaseException(
          "%s: expected a head size of %d as in the steps before, found %d"
              .formatted(fresh.field(), before.size(), size));
    }
    return Vectors.join(before, added, ledger, tokens);
  }

  /** The layer as a press sees it. */
  LayerSignals signals(Phase phase, int layer, int layers, String pressName) {
    LayerInputs inputs = java.util.Objects.requireNonNull(step, "step is null");
    LayerSignals.Builder builder =
        LayerSignals.of(ledger)
            .step(phase, stepTokens)
            .layer(layer, layers)
            .keys(() -> given(keys, inputs, LayerInputs.KEYS, pressName))
            .values(() -> given(values, inputs, LayerInputs.VALUES, pressName));
    inputs
        .tensor(LayerInputs.ATTENTIONS)
        .ifPresent(t -> builder.tensor(Signal.AttentionMatrix.class, () -> matrix(t)));
    inputs
        .tensor(LayerInputs.QUERIES)
        .ifPresent(t -> builder.tensor(Signal.Queries.class, () -> lastQueries(t, true)));
    inputs
        .tensor(LayerInputs.QUERIES_PRE_ROPE)
        .ifPresent(t -> builder.queriesPreRope(() -> lastQueries(t, false)));
    inputs
        .tensor(LayerInputs.HIDDEN_STATES)
        .ifPresent(
            t ->
                builder.tensor(
                    Signal.HiddenStates.class,
                    () -> FloatTensor.of(t.data(), t.outer(0), t.outer(1), t.inner())));
    inputs
        .tensor(LayerInputs.OUTPUT_PROJECTION)
        .ifPresent(
            t ->
                builder.tensor(
                    Signal.OutputProjection.class,
                    () -> FloatTensor.of(t.data(), t.outer(0), t.inner())));
    if (inputs.ropeTheta().isPresent()) {
      HeadVectors known = keys;
      builder.rotary(
          RotaryParameters.ofTheta(
              inputs.ropeTheta().getAsDouble(), known == null ? 2 : known.size()));
    }
    return builder.build();
  }

  private static HeadVectors given(
      @Nullable HeadVectors vectors, LayerInputs inputs, String field, String pressName) {
    if (vectors == null) {
      throw new CaseException(
          "%s.%s: expected [B][G][S][D], found nothing; press %s reads them"
              .formatted(inputs.place(), field, pressName));
    }
    return vectors;
  }

  private FloatTensor matrix(NestedFloats attentions) {
    return new StepAttention(sizes, attentions, stepTokens).matrix(ledger.maxLength(), ledger);
  }

  private FloatTensor lastQueries(NestedFloats queries, boolean rotated) {
    int window = 0;
    for (Signal signal : needs) {
      if (signal instanceof Signal.Queries q && q.rotated() == rotated) {
        window = Math.max(window, q.window());
      }
    }
    int count = window == 0 ? stepTokens : Math.min(window, stepTokens);
    int size = queries.inner();
    int heads = sizes.batch() * sizes.queryHeads();
    float[] last = new float[heads * count * size];
    for (int head = 0; head < heads; head++) {
      System.arraycopy(
          queries.data(),
          ((head + 1) * stepTokens - count) * size,
          last,
          head * count * size,
          count * size);
    }
    return FloatTensor.of(last, sizes.batch(), sizes.queryHeads(), count, size);
  }

  /** Carries out an edit. */
  void apply(CacheEdit edit) {
    keys = edited(keys, edit.keys(), edit);
    values = edited(values, edit.values(), edit);
    ledger.apply(edit);
    HeadVectors now = keys;
    if (edit.zeroedChannels().isPresent() && now != null) {
      keys = Vectors.zeroed(now, edit.zeroedChannels().get(), ledger);
    }
  }

  private static @Nullable HeadVectors edited(
      @Nullable HeadVectors before, Optional<HeadVectors> replaced, CacheEdit edit) {
    if (replaced.isPresent() || before == null) {
      return replaced.orElse(null);
    }
    return edit.kept().map(before::keep).orElse(before);
  }

  /** The account of what is in the cache. */
  LayerLedger ledger() {
    return ledger;
  }

  /** Fraction of the tokens seen that is gone. */
  double achievedRatio() {
    long seen = Arrays.stream(seenPerRow()).asLongStream().sum() * sizes.kvHeads();
    return seen == 0 ? 0 : 1.0 - (double) ledger.totalLength() / seen;
  }

  private int[] seenPerRow() {
    int[] seen = new int[sizes.batch()];
    Arrays.setAll(seen, ledger::tokensSeen);
    return seen;
  }

  /** The field that a needed signal must come from and that the last step lacks; empty if none. */
  Optional<String> missingField() {
    LayerInputs inputs = java.util.Objects.requireNonNull(step, "step is null");
    for (Signal signal : needs) {
      String field = fieldOf(signal);
      boolean there =
          signal instanceof Signal.Rotary
              ? inputs.ropeTheta().isPresent()
              : inputs.tensor(field).isPresent();
      if (!there) {
        return Optional.of(inputs.place() + "." + field);
      }
    }
    return Optional.empty();
  }

  private static String fieldOf(Signal signal) {
    if (signal instanceof Signal.Queries q) {
      return q.rotated() ? LayerInputs.QUERIES : LayerInputs.QUERIES_PRE_ROPE;
    }
    if (signal instanceof Signal.HiddenStates) {
      return LayerInputs.HIDDEN_STATES;
    }
    if (signal instanceof Signal.OutputProjection) {
      return LayerInputs.OUTPUT_PROJECTION;
    }
    return signal instanceof Signal.Rotary ? LayerInputs.ROPE_THETA : LayerInputs.ATTENTIONS;
  }
}
