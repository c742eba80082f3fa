package dev.kvpress.runtime.decode;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.export.architecture.DecoderConfig;
import dev.kvpress.runtime.export.architecture.Rope;
import dev.kvpress.runtime.export.architecture.SlotRotation;
import dev.kvpress.runtime.graph.AttentionForm;
import dev.kvpress.runtime.graph.DecoderGraph;
import dev.kvpress.runtime.graph.RolledKeys;
import dev.kvpress.runtime.graph.TapRequest;
import dev.kvpress.runtime.graph.TappedGraph;
import dev.kvpress.runtime.ort.SessionFactory;
import java.util.List;
import java.util.Optional;

/**
 * The graphs of a model whose keys are cached before rotation, and what they serve: which models,
 * rows and presses can go by slots.
 */
final class RolledForm implements AutoCloseable {
  private final String model;
  private final Optional<DecoderConfig> config;
  private final Optional<String> refusal;
  private final LoadedGraphs graphs;

  /**
   * Nothing is opened yet.
   *
   * @param model its name, for errors
   */
  RolledForm(
      String model,
      DecoderGraph graph,
      Optional<DecoderConfig> config,
      FusedForm fused,
      SessionFactory sessions) {
    this.model = model;
    this.config = config;
    this.refusal = refusal(graph, config);
    this.graphs = new LoadedGraphs(model, graph, fused, sessions, this::rolled);
  }

  private static Optional<String> refusal(DecoderGraph graph, Optional<DecoderConfig> config) {
    return RolledKeys.refusal(graph)
        .or(
            () ->
                config.isPresent()
                    ? SlotRotation.refusal(config.get())
                    : Optional.of("its graph does not declare its position embedding"));
  }

  private TappedGraph rolled(TappedGraph plain) {
    return RolledKeys.of(plain, new SlotRotation(config.orElseThrow()));
  }

  /** Why the model's tokens cannot stand at their slots; empty where they can. */
  Optional<String> refusal() {
    return refusal;
  }

  /**
   * Refuses a context that cannot go by slots.
   *
   * @param batch B
   */
  void require(int batch) {
    refusal
        .or(() -> batch == 1 ? Optional.empty() : refusalOfRows())
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "model %s cannot go by rolled positions: %s; take true positions"
                      .formatted(model, reason));
            });
  }

  private Optional<String> refusalOfRows() {
    return config.orElseThrow().ropes().stream().anyMatch(Rope::dependsOnLength)
        ? Optional.of(
            "its rotary frequencies depend on the length of the cache, which is that of one row; pass rows one by one")
        : Optional.empty();
  }

  /** Why a press cannot be right there, moving tokens left out; empty where it can. */
  static Optional<String> refusal(ModelPress press) {
    ModelPress still = press.withoutMoving();
    if (still.movesTokens()) {
      return Optional.of(
          "it moves tokens within another wrapper, but rolled positions move them by themselves; leave key_rerotation out");
    }
    if (press.readsAgain()) {
      return Optional.of(
          "it reads the context again, whose tokens must stand where they stood in the text; take true positions");
    }
    Optional<String> unkept = press.cacheFormat().flatMap(BySlot.INSTANCE::refusal);
    if (unkept.isPresent()) {
      return unkept;
    }
    return still.needs().contains(new Signal.Rotary())
        ? Optional.of(
            "it turns queries or keys by where tokens stood in the text, but with rolled positions they stand at their slots; take true positions")
        : Optional.empty();
  }

  /**
   * A press as rolled contexts ask it.
   *
   * @throws ModelException if it cannot be right there
   */
  static ModelPress suited(ModelPress press) {
    refusal(press)
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "press %s cannot be used with rolled positions: %s"
                      .formatted(press.getClass().getSimpleName(), reason));
            });
    return press.withoutMoving();
  }

  /** Refuses edits of keys as they are after rotation, which the cache does not hold. */
  static void requireKeysAsTheyAre(ModelPress press, List<CacheEdit> edits) {
    for (CacheEdit edit : edits) {
      if (edit.keys().isPresent() || edit.zeroedChannels().isPresent()) {
        throw new ModelException(
            "press %s cannot be used with rolled positions: it %s, but keys are cached before rotation and turned anew at every step; take true positions"
                .formatted(
                    press.getClass().getSimpleName(),
                    edit.keys().isPresent()
                        ? "replaces rotated keys"
                        : "sets channels of rotated keys to zero"));
      }
    }
  }

  /** The graph with the taps that are asked for. */
  DecoderModel.LoadedGraph load(TapRequest request) {
    return graphs.get(AttentionForm.DECOMPOSED, request);
  }

  @Override
  public void close() {
    graphs.close();
  }
}
