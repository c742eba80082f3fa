package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkState;

import dev.kvpress.presses.ModelPress;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.auxiliary.Auxiliaries;
import dev.kvpress.runtime.auxiliary.AuxiliarySources;
import dev.kvpress.runtime.export.Checkpoint;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.ort.SessionFactory;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The models through which trained tokens pass behind a context: the model's own checkpoint with
 * the adapter of the tokens merged into it, and the tokens as its vocabulary. Each is exported and
 * opened when first needed, stays open as long as the model, and shares no weights with it.
 */
final class AdaptedModels {
  /** Formats in which merged weights are the sum and no second rounding of it. */
  private static final Set<WeightFormat> EXACT =
      EnumSet.of(WeightFormat.STORED, WeightFormat.F32, WeightFormat.F16);

  private final Path path;
  private final DecoderOptions options;
  private final SessionFactory sessions;
  private final Map<String, Optional<String>> refusals = new HashMap<>();
  private final Map<String, DecoderModel> models = new HashMap<>();
  private boolean closed;

  /** Nothing is opened yet. */
  AdaptedModels(Path path, DecoderOptions options, SessionFactory sessions) {
    this.path = path;
    this.options = options;
    this.sessions = sessions;
  }

  /** Why the trained tokens of a press cannot pass; empty where they can, or it has none. */
  Optional<String> refusal(ModelPress press, Auxiliaries auxiliaries) {
    return press.appends().flatMap(name -> refusal(name, auxiliaries));
  }

  private synchronized Optional<String> refusal(String name, Auxiliaries auxiliaries) {
    return refusals.computeIfAbsent(name, n -> tried(n, auxiliaries));
  }

  private Optional<String> tried(String name, Auxiliaries auxiliaries) {
    Optional<Path> folder = auxiliaries.tokenFolder(name);
    if (folder.isEmpty()) {
      return auxiliaries.refusal(name + ".embeddings");
    }
    if (GraphFinder.find(path).isPresent()) {
      return Optional.of(
          "trained tokens pass through weights that an adapter is merged into, and those of a graph are not merged; give the checkpoint it was made from");
    }
    if (!EXACT.contains(options.exportFormat())) {
      return Optional.of(
          "weights in %s would be rounded anew with the adapter of the trained tokens in them, which is not what it was trained on; use --weights stored"
              .formatted(options.exportFormat().label()));
    }
    try {
      var unused = Checkpoint.adapted(path, folder.get());
      return Optional.empty();
    } catch (ModelException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * The model for trained tokens.
   *
   * @throws ModelException if there are none of this name, or they do not fit
   */
  synchronized DecoderModel get(String name, Auxiliaries auxiliaries) {
    checkState(!closed, "the model is closed");
    DecoderModel known = models.get(name);
    if (known != null) {
      return known;
    }
    refusal(name, auxiliaries)
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "tokens %s cannot pass through %s: %s".formatted(name, path, reason));
            });
    Checkpoint checkpoint = Checkpoint.adapted(path, auxiliaries.tokenFolder(name).orElseThrow());
    DecoderModel opened =
        DecoderModel.open(checkpoint, path, options.with(AuxiliarySources.NONE), sessions);
    models.put(name, opened);
    return opened;
  }

  synchronized void close() {
    closed = true;
    models.values().forEach(DecoderModel::close);
    models.clear();
  }
}
