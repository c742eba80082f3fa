package dev.kvpress.runtime.decode;

import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Ints;
import dev.kvpress.presses.Phase;
import dev.kvpress.presses.PressState;
import dev.kvpress.presses.SavedState;
import dev.kvpress.presses.signal.LayerLedger;
import dev.kvpress.presses.signal.Signal;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.cache.HostLayerStore;
import dev.kvpress.runtime.cache.LayerStore;
import dev.kvpress.runtime.cache.SavedForm;
import dev.kvpress.runtime.cache.SavedForms;
import dev.kvpress.runtime.cache.SavedLayer;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.file.FileTensor;
import dev.kvpress.runtime.saved.ContextCard;
import dev.kvpress.runtime.saved.ContextNotes;
import dev.kvpress.runtime.saved.ContextParts;
import dev.kvpress.runtime.saved.ContextWriter;
import dev.kvpress.runtime.saved.SavedContext;
import dev.kvpress.runtime.saved.SignalNames;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Takes contexts of one model apart for a file, and puts them together again. */
final class ContextFiles {
  private final DecoderModel model;

  ContextFiles(DecoderModel model) {
    this.model = model;
  }

  /** Saves a context; the file is there whole afterwards, or as it was before. */
  void save(Path file, ContextRun run, List<LayerCache> layers, List<ExtraStates.Named> states) {
    ContextWriter.write(
        file,
        card(run, states, new CacheCount(layers).achievedRatio()),
        parts(layers, states, run.tokens(), run.observing()));
  }

  /** What of a context is no tensor, but for its layers. */
  private ContextCard card(ContextRun run, List<ExtraStates.Named> states, double ratio) {
    DecoderInfo info = model.info();
    int batch = run.nextPosition().length();
    ContextNotes notes = run.notes();
    return new ContextCard(
        info.name(),
        info.contentHash(),
        info.weights().label(),
        sizes(batch),
        model.layout(batch).type().name(),
        model.provider(),
        model.engineVersion(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        ratio,
        new ContextCard.Notes(notes.press(), notes.budget(), notes.origin(), notes.prompt()),
        new ContextCard.Run(
            run.positions().label(),
            run.nextPosition().asList(),
            run.firstStepEnd().asList(),
            run.reached(),
            run.phase().name().toLowerCase(Locale.ROOT),
            run.lastStepTokens(),
            run.fusedAllowed(),
            run.reserve(),
            run.observing(),
            run.observing() ? run.signals().stream().map(SignalNames::of).toList() : List.of(),
            states.size()),
        List.of());
  }

  private ContextCard.Sizes sizes(int batch) {
    DecoderInfo info = model.info();
    return new ContextCard.Sizes(
        info.layers(),
        info.queryHeads(),
        info.kvHeads(),
        info.headSize(),
        info.vocabulary(),
        batch);
  }

  /**
   * The tensors of a context, views of its memory.
   *
   * @param observing whether what was observed and what presses remember goes along
   */
  private static ContextParts parts(
      List<LayerCache> layers,
      List<ExtraStates.Named> states,
      ImmutableIntArray tokens,
      boolean observing) {
    List<ContextParts.LayerParts> parts = new ArrayList<>();
    for (LayerCache layer : layers) {
      SavedLayer saved = layer.store().saved(layer.ledger());
      Map<String, FileTensor> tensors = new LinkedHashMap<>();
      saved.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
      parts.add(
          new ContextParts.LayerParts(
              saved.form(),
              tensors,
              layer.ledger().saved(observing),
              observing ? layer.ledger().state().map(ContextFiles::state) : Optional.empty()));
    }
    return new ContextParts(
        tokens, parts, states.stream().map(ExtraStates.Named::asFileTensor).toList());
  }

  /** What a press remembers of some layer and cannot be kept in a file. */
  static Optional<String> unsavable(List<LayerCache> layers) {
    return layers.stream()
        .flatMap(layer -> layer.ledger().state().stream())
        .filter(state -> state.saved().isEmpty())
        .map(state -> state.getClass().getSimpleName())
        .findFirst();
  }

  private static SavedState state(PressState state) {
    return state
        .saved()
        .orElseThrow(
            () ->
                new ModelException(
                    "a context whose press remembers %s cannot be saved, since that cannot be kept in a file; end observing first (stopObserving), or save before the press is asked"
                        .formatted(state.getClass().getSimpleName())));
  }

  /**
   * A context out of a file.
   *
   * @throws ModelException naming the file and what does not fit the model
   */
  Context load(SavedContext saved) {
    try {
      requireModel(saved.card());
      return context(saved);
    } catch (ModelException | IllegalArgumentException e) {
      throw new ModelException(saved.file() + ": " + e.getMessage(), e);
    }
  }

  private void requireModel(ContextCard card) {
    DecoderInfo info = model.info();
    boolean sameWeights = card.weights().equals(info.weights().label());
    if (!sameWeights && card.model().equals(info.name())) {
      throw new ModelException(
          "the context was made with weights stored as %s, found %s; open the model with the same --weights, or compress the context again"
              .formatted(card.weights(), info.weights().label()));
    }
    if (!sameWeights || !card.modelHash().equals(info.contentHash())) {
      throw new ModelException(
          "the context was made with model %s (hash %.12s…), found model %s (hash %.12s…); open the same model with the same trained tensors, or compress the context again"
              .formatted(card.model(), card.modelHash(), info.name(), info.contentHash()));
    }
    String type = model.layout(1).type().name();
    if (!card.sizes().equals(sizes(card.sizes().batch())) || !card.cacheType().equals(type)) {
      throw new ModelException(
          "the context has %s of %s, the model has %s of %s"
              .formatted(card.sizes(), card.cacheType(), sizes(card.sizes().batch()), type));
    }
  }

  private Context context(SavedContext saved) {
    ContextCard card = saved.card();
    int batch = card.sizes().batch();
    if (batch < 1 || saved.parts().layers().size() != model.info().layers()) {
      throw new ModelException(
          "expected %d layers of at least 1 row, found %d of %d"
              .formatted(model.info().layers(), saved.parts().layers().size(), batch));
    }
    Set<Signal> signals = new LinkedHashSet<>();
    card.run().signals().forEach(name -> signals.add(SignalNames.read(name)));
    HostLayerStore.Layout layout = model.layout(requireSmall(saved, batch));
    List<LayerCache> layers = new ArrayList<>();
    boolean done = false;
    try {
      for (ContextParts.LayerParts parts : saved.parts().layers()) {
        layers.add(layer(parts, layout, signals));
      }
      ContextRun run = run(saved, layers, signals);
      ExtraStates states = new ExtraStates(model.graph().ports(), batch);
      states.restore(saved.parts().states());
      Context context = new Context(model, layout, new RunState(run), layers, states);
      done = true;
      return context;
    } finally {
      if (!done) {
        layers.forEach(LayerCache::close);
      }
    }
  }

  /** A row has an entry in tensors that are there, so none can be made up. */
  private static int requireSmall(SavedContext saved, int batch) {
    int next = saved.card().run().nextPositions().size();
    int first = saved.card().run().firstStepEnd().size();
    if (next != batch || first != batch) {
      throw new ModelException(
          "expected next positions and ends of the first step of %d rows, found %d and %d"
              .formatted(batch, next, first));
    }
    for (ContextParts.LayerParts layer : saved.parts().layers()) {
      layer.ledger().ints("seen", batch);
    }
    return batch;
  }

  private LayerCache layer(
      ContextParts.LayerParts parts, HostLayerStore.Layout layout, Set<Signal> signals) {
    LayerLedger ledger =
        LayerLedger.observing(signals, layout.batch(), model.info().queryHeads(), layout.kvHeads());
    ledger.restore(parts.ledger(), parts.state());
    LayerStore store =
        SavedForms.named(parts.form())
            .open(new SavedForm.Place(model.pool(), layout, ledger), parts.tensors());
    return new LayerCache(store, ledger, LayerCache.keepsQueries(signals));
  }

  private ContextRun run(SavedContext saved, List<LayerCache> layers, Set<Signal> signals) {
    ImmutableIntArray tokens = saved.tokens();
    ContextCard.Run run = saved.card().run();
    int[] next = Ints.toArray(run.nextPositions());
    int[] first = Ints.toArray(run.firstStepEnd());
    for (int b = 0; b < next.length; b++) {
      int seen = layers.get(0).ledger().tokensSeen(b);
      for (LayerCache layer : layers) {
        if (layer.ledger().tokensSeen(b) != seen) {
          throw new ModelException(
              "layers have seen %d and %d tokens of row %d"
                  .formatted(seen, layer.ledger().tokensSeen(b), b));
        }
      }
      requireIn("next position of row " + b, next[b], seen);
      requireIn("end of the first step of row " + b, first[b], seen);
    }
    requireIn("tokens of the last step", run.lastStepTokens(), Integer.MAX_VALUE);
    requireIn("reserve", run.reserve(), model.info().maxPositions().orElse(1 << 24));
    requireTokens(tokens, layers.get(0).ledger());
    requireIn("positions reached", run.reached(), mostSeen(layers.get(0).ledger()));
    int states = saved.parts().states().size();
    if (run.states() != states) {
      throw new ModelException("expected %d states, found %d".formatted(run.states(), states));
    }
    double ratio = new CacheCount(layers).achievedRatio();
    if (Math.abs(saved.card().achievedRatio() - ratio) > 1e-9) {
      throw new ModelException(
          "the achieved ratio must be %s, as the tokens tell, found %s"
              .formatted(ratio, saved.card().achievedRatio()));
    }
    Positions positions =
        Positions.of(run.positions())
            .orElseThrow(
                () ->
                    new ModelException(
                        "positions must be one of %s, found %s"
                            .formatted(Positions.labels(), run.positions())));
    Phase phase =
        switch (run.phase()) {
          case "prefill" -> Phase.PREFILL;
          case "decode" -> Phase.DECODE;
          default -> throw new ModelException("phase must be prefill or decode: " + run.phase());
        };
    return new ContextRun(
        positions,
        ImmutableIntArray.copyOf(next),
        ImmutableIntArray.copyOf(first),
        run.reached(),
        tokens,
        signals,
        run.observing(),
        phase,
        run.lastStepTokens(),
        run.fused(),
        run.reserve(),
        saved.notes());
  }

  private void requireTokens(ImmutableIntArray tokens, LayerLedger ledger) {
    int expected = ledger.batch() == 1 ? ledger.tokensSeen(0) : 0;
    if (tokens.length() != expected) {
      throw new ModelException(
          "tokens: expected %d, one for each that has passed in the only row, none with %d rows; found %d"
              .formatted(expected, ledger.batch(), tokens.length()));
    }
    if (!tokens.isEmpty()) {
      model.info().requireTokens(tokens.toArray());
    }
  }

  private static int mostSeen(LayerLedger ledger) {
    int most = 0;
    for (int b = 0; b < ledger.batch(); b++) {
      most = Math.max(most, ledger.tokensSeen(b));
    }
    return most;
  }

  private static void requireIn(String what, int value, int most) {
    if (value < 0 || value > most) {
      throw new ModelException("%s must be in [0, %d], found %d".formatted(what, most, value));
    }
  }
}
