package dev.kvpress.runtime.decode;

import dev.kvpress.presses.CacheShape;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.GraphSignal;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.ort.StepSession;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What presses can have of a model, and why not. */
final class PressSupport {
  private final DecoderInfo info;
  private final GraphBehaviour behaviour;
  private final DecoderGraph decomposed;
  private final LoadedGraphs graphs;
  private final ModelRotary rotary;
  private final ModelConstants constants;
  private final OptionalInt narrowestWindow;
  private final boolean knowsQueryHeads;

  /**
   * Of one model.
   *
   * @param graphs in which probes run
   * @param narrowestWindow of its sliding windows; empty where it has none
   * @param knowsQueryHeads whether info tells the number of query heads or a stand-in
   */
  PressSupport(
      DecoderInfo info,
      GraphBehaviour behaviour,
      LoadedGraphs graphs,
      ModelRotary rotary,
      ModelConstants constants,
      OptionalInt narrowestWindow,
      boolean knowsQueryHeads) {
    this.info = info;
    this.behaviour = behaviour;
    this.decomposed = behaviour.graph();
    this.graphs = graphs;
    this.rotary = rotary;
    this.constants = constants;
    this.narrowestWindow = narrowestWindow;
    this.knowsQueryHeads = knowsQueryHeads;
  }

  /** See {@link DecoderModel#requireSignals}. */
  void requireSignals(String pressName, Set<Signal> signals) {
    for (Signal signal : signals) {
      refusal(signal)
          .ifPresent(
              reason -> {
                throw new ModelException(
                    "press %s needs %s, which model %s cannot give: %s"
                        .formatted(pressName, signal.label(), info.name(), reason));
              });
    }
    constants
        .mismatch(signals)
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "press %s does not suit model %s: %s".formatted(pressName, info.name(), reason));
            });
  }

  /** See {@link DecoderModel#refusal(Signal)}. */
  Optional<String> refusal(Signal signal) {
    if (signal instanceof Signal.Rotary) {
      return rotary.refusal();
    }
    if (signal instanceof Signal.OutputProjection || signal instanceof Signal.Auxiliary) {
      return constants.refusal(signal);
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
      case COLUMN_SUMS, COLUMN_MAXIMA, LAST_ROWS, FULL_ATTENTION -> behaviour.attentionRefusal();
      default -> Optional.empty();
    };
  }

  /** See {@link DecoderModel#requirePress}. */
  void requirePress(String pressName, ModelPress press, int positions) {
    requireSignals(pressName, press.needs());
    requireSignals(pressName, press.needsOfReading());
    refusal(press, positions)
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "press %s cannot be used on model %s: %s"
                      .formatted(pressName, info.name(), reason));
            });
  }

  /** See {@link DecoderModel#refusal(ModelPress, int)}. */
  Optional<String> refusal(ModelPress press, int positions) {
    if (press.leaves() == CacheShape.WHOLE || press.keepsAll()) {
      return Optional.empty();
    }
    return Evenness.refusal(decomposed.prunedPorts(), press.leaves())
        .or(() -> press.movesTokens() ? moveRefusal() : Optional.empty())
        .or(() -> evictionRefusal(positions));
  }

  /** See {@link DecoderModel#moveRefusal}. */
  Optional<String> moveRefusal() {
    return decomposed.prunedPorts().layers().stream().anyMatch(l -> l.cachePositions() != null)
            || countsPlaces()
        ? Optional.of(
            "it moves tokens to other positions, but sliding windows and ALiBi go by where tokens stood; use it without key rotation")
        : Optional.empty();
  }

  /** See {@link DecoderModel#evictionRefusal}. */
  Optional<String> evictionRefusal(int positions) {
    if (countsPlaces() && positions > narrowestWindow.orElse(Integer.MAX_VALUE)) {
      return Optional.of(
          "its only graph has fused attention, whose sliding windows count places in the cache, and once tokens are gone these are no positions; a text of %d tokens goes beyond the window of %d, open the checkpoint or the decomposed graph instead"
              .formatted(positions, narrowestWindow.orElse(0)));
    }
    if (decomposed.ports().form() != AttentionForm.FOREIGN || decomposed.isPrunable()) {
      return Optional.empty();
    }
    StepSession session = graphs.get(AttentionForm.DECOMPOSED, TapRequest.NONE).session();
    return behaviour
        .evictionRefusal(session, positions)
        .map(
            reason ->
                "%s; it cannot be edited to go by true positions either, since %s"
                    .formatted(
                        reason, decomposed.pruningRefusal().orElse("nothing is known of it")));
  }

  /** Whether windows go wrong once tokens are gone, and there is no other graph. */
  private boolean countsPlaces() {
    return decomposed.ports().form() == AttentionForm.FUSED && narrowestWindow.isPresent();
  }

  /** See {@link DecoderModel#requireEviction}. */
  void requireEviction(int positions) {
    evictionRefusal(positions)
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "tokens cannot be removed from the cache of model %s: %s"
                      .formatted(info.name(), reason));
            });
  }
}
