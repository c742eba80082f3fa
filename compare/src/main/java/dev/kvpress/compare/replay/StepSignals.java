package dev.kvpress.compare.replay;

import dev.kvpress.presses.Phase;
import dev.kvpress.presses.signal.FloatTensor;
import dev.kvpress.presses.signal.HeadVectors;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.LayerSignals;
import dev.kvpress.presses.signal.RotaryParameters;
import dev.kvpress.presses.signal.Signal;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The signals which the tensors of one step give. Constants of the model may stand in step 0. */
final class StepSignals {
  private final String press;
  private final LayerInputs step;
  private final LayerInputs first;
  private final Set<Signal> needs;
  private final LayerLedger ledger;
  private final int index;
  private final int tokens;
  private final Optional<StepAttention> attention;

  /**
   * Books the attention of the step.
   *
   * @param press the spec, for messages
   * @param first the first step, where constants of the model are looked for too
   * @param ledger holds the tokens of the step already
   * @param index of the layer
   * @param tokens Q
   * @param keys of all cached tokens, if there are any
   */
  StepSignals(
      String press,
      LayerInputs step,
      LayerInputs first,
      Set<Signal> needs,
      LayerLedger ledger,
      int index,
      int tokens,
      @Nullable HeadVectors keys) {
    this.press = press;
    this.step = step;
    this.first = first;
    this.needs = needs;
    this.ledger = ledger;
    this.index = index;
    this.tokens = tokens;
    this.attention = rows(keys).map(rows -> new StepAttention(ledger, rows, tokens));
    attention.ifPresent(a -> a.observe(needs));
  }

  private Optional<StepAttention.Rows> rows(@Nullable HeadVectors keys) {
    Optional<NestedFloats> given = step.tensor(LayerInputs.ATTENTIONS);
    if (given.isPresent()) {
      return Optional.of(new GivenAttention(given.get(), ledger, tokens));
    }
    return wantsAttention() && keys != null
        ? step.tensor(LayerInputs.QUERIES)
            .map(queries -> new ComputedAttention(queries, keys, ledger, tokens))
        : Optional.empty();
  }

  private boolean wantsAttention() {
    return needs.stream().anyMatch(s -> fieldOf(s).equals(LayerInputs.ATTENTIONS));
  }

  /** The fault of a step without the attention that the press needs, if it is one. */
  Optional<CaseException> missingAttention() {
    return wantsAttention() && attention.isEmpty()
        ? Optional.of(missing(LayerInputs.ATTENTIONS))
        : Optional.empty();
  }

  /** The fault of a step that lacks another tensor which the press needs, if it does. */
  Optional<CaseException> missingTensor() {
    return needs.stream()
        .map(StepSignals::fieldOf)
        .filter(field -> !field.equals(LayerInputs.ATTENTIONS) && !isGiven(field))
        .findFirst()
        .map(this::missing);
  }

  private boolean isGiven(String field) {
    return switch (field) {
      case LayerInputs.ROPE_THETA -> theta().isPresent() || unrotatedKeysSuffice();
      case LayerInputs.OUTPUT_PROJECTION -> constant(field).isPresent();
      case LayerInputs.KVZAP_WEIGHTS ->
          needs.stream()
              .filter(signal -> fieldOf(signal).equals(field))
              .allMatch(signal -> kvzap().filter(w -> w.has(signal.label(), index)).isPresent());
      default ->
          LayerInputs.AUXILIARIES.contains(field)
              ? constant(field).isPresent()
              : step.tensor(field).isPresent();
    };
  }

  /** Presses that only turn keys back, and no queries, need no rotation where such are given. */
  private boolean unrotatedKeysSuffice() {
    return constant(LayerInputs.KEYS_PRE_ROPE).isPresent()
        && needs.stream().map(StepSignals::fieldOf).noneMatch(LayerInputs.QUERIES_PRE_ROPE::equals);
  }

  private Optional<KvZapWeights> kvzap() {
    return step.kvzap().or(first::kvzap);
  }

  /** Vectors that must be there. */
  HeadVectors given(@Nullable HeadVectors vectors, String field) {
    if (vectors == null) {
      throw missing(field);
    }
    return vectors;
  }

  private CaseException missing(String field) {
    Optional<CaseException> fault = step.fault(field).or(() -> first.fault(field));
    if (fault.isPresent()) {
      return fault.get();
    }
    if (field.equals(LayerInputs.KVZAP_WEIGHTS) && kvzap().isPresent()) {
      return new CaseException(
          "press %s needs %s %s, found a part of them for layer %d; write model_type=linear for weights without a hidden layer"
              .formatted(press, step.fieldName(field), step.letters(field), index));
    }
    return new CaseException(
        "press %s needs %s %s%s, found none"
            .formatted(
                press,
                step.fieldName(field),
                step.letters(field),
                field.equals(LayerInputs.ATTENTIONS) ? " (or queries and keys)" : ""));
  }

  /** Starts the description of the layer, keys and values left open. */
  LayerSignals.Builder describe(Phase phase) {
    LayerSignals.Builder layer = LayerSignals.of(ledger).step(phase, tokens);
    attention.ifPresent(a -> layer.tensor(Signal.AttentionMatrix.class, a::matrix));
    step.tensor(LayerInputs.QUERIES)
        .ifPresent(t -> layer.tensor(Signal.Queries.class, () -> lastQueries(t, true)));
    step.tensor(LayerInputs.QUERIES_PRE_ROPE)
        .ifPresent(t -> layer.queriesPreRope(() -> lastQueries(t, false)));
    step.tensor(LayerInputs.HIDDEN_STATES)
        .ifPresent(
            t ->
                layer.tensor(
                    Signal.HiddenStates.class,
                    () -> FloatTensor.of(t.data(), t.outer(0), t.outer(1), t.inner())));
    constant(LayerInputs.OUTPUT_PROJECTION)
        .ifPresent(
            t ->
                layer.tensor(
                    Signal.OutputProjection.class,
                    () -> FloatTensor.of(t.data(), t.outer(0), t.inner())));
    for (String field : LayerInputs.AUXILIARIES) {
      constant(field)
          .ifPresent(t -> layer.auxiliary(field, () -> FloatTensor.of(t.data(), t.sizes())));
    }
    first
        .fault(LayerInputs.RANDOM_SKETCH)
        .ifPresent(
            fault ->
                layer.auxiliary(
                    LayerInputs.RANDOM_SKETCH,
                    () -> {
                      throw fault;
                    }));
    kvzap().ifPresent(weights -> weights.addTo(layer, index));
    if (needs.contains(new Signal.Rotary()) && theta().isPresent()) {
      layer.rotary(RotaryParameters.ofTheta(theta().getAsDouble(), StepShapes.headSize(step)));
    }
    return layer;
  }

  private Optional<NestedFloats> constant(String field) {
    return step.tensor(field).or(() -> first.tensor(field));
  }

  private OptionalDouble theta() {
    return step.ropeTheta().isPresent() ? step.ropeTheta() : first.ropeTheta();
  }

  private FloatTensor lastQueries(NestedFloats queries, boolean rotated) {
    int window = 0;
    for (Signal signal : needs) {
      if (signal instanceof Signal.Queries q && q.rotated() == rotated) {
        window = Math.max(window, q.window());
      }
    }
    int count = window == 0 ? tokens : Math.min(window, tokens);
    int size = queries.inner();
    int heads = ledger.batch() * ledger.queryHeads();
    float[] last = new float[heads * count * size];
    for (int head = 0; head < heads; head++) {
      int from = ((head + 1) * tokens - count) * size;
      System.arraycopy(queries.data(), from, last, head * count * size, count * size);
    }
    return FloatTensor.of(last, ledger.batch(), ledger.queryHeads(), count, size);
  }

  private static String fieldOf(Signal signal) {
    if (signal instanceof Signal.Queries q) {
      return q.rotated() ? LayerInputs.QUERIES : LayerInputs.QUERIES_PRE_ROPE;
    }
    if (signal instanceof Signal.QueryMoments) {
      return LayerInputs.QUERIES_PRE_ROPE;
    }
    if (signal instanceof Signal.HiddenStates) {
      return LayerInputs.HIDDEN_STATES;
    }
    if (signal instanceof Signal.OutputProjection) {
      return LayerInputs.OUTPUT_PROJECTION;
    }
    if (signal instanceof Signal.Auxiliary auxiliary) {
      return auxiliary.name().startsWith("kvzap.") ? LayerInputs.KVZAP_WEIGHTS : auxiliary.name();
    }
    return signal instanceof Signal.Rotary ? LayerInputs.ROPE_THETA : LayerInputs.ATTENTIONS;
  }
}
