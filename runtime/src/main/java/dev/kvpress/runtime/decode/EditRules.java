package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import dev.kvpress.presses.CacheEdit;
import dev.kvpress.runtime.ModelException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** What a model's graph and rotation allow a press to do to a cache. */
final class EditRules {
  private final DecoderModel model;

  EditRules(DecoderModel model) {
    this.model = model;
  }

  /**
   * Refuses a press that turns keys back where they were turned in several ways.
   *
   * @param firstStepEnd {@code [B]}, positions when the first step ended
   * @param now {@code [B]}, positions reached
   */
  void requireOneRotation(int[] firstStepEnd, int[] now) {
    int[] lengths = Arrays.copyOf(firstStepEnd, 2 * firstStepEnd.length);
    System.arraycopy(now, 0, lengths, firstStepEnd.length, now.length);
    model
        .rotary()
        .mixed(lengths)
        .ifPresent(
            reason -> {
              throw new ModelException(
                  "the press needs the rotation of the cached keys, but model %s has turned them in several ways: %s"
                      .formatted(model.info().name(), reason));
            });
  }

  /**
   * The position that the edits of all layers give the next token; empty if the true one goes on.
   *
   * @throws ModelException if tokens of this model cannot be moved
   */
  OptionalInt nextPosition(List<CacheEdit> edits, int tokensSeen) {
    checkState(
        edits.size() == model.info().layers(),
        "the press has given %s edits for %s layers",
        edits.size(),
        model.info().layers());
    OptionalInt position = edits.get(0).nextPosition();
    checkArgument(
        edits.stream().allMatch(edit -> edit.nextPosition().equals(position)),
        "the press gives layers different next positions; one token has one position in all layers");
    if (position.isPresent()) {
      int following = position.getAsInt() + 1;
      model
          .moveRefusal()
          .or(() -> model.rotary().mixed(tokensSeen, following))
          .ifPresent(
              reason -> {
                throw new ModelException(
                    "the press cannot move tokens of model %s: %s"
                        .formatted(model.info().name(), reason));
              });
    }
    return position;
  }

  /**
   * Edits of all layers that may be carried out; nothing has changed yet.
   *
   * @throws ModelException if the graph could not go on with what the press wants to leave
   */
  LayerEdits checked(List<LayerCache> layers, List<CacheEdit> edits, int tokensSeen) {
    LayerEdits checked = LayerEdits.checked(layers, edits);
    Evenness.require(model.cachePorts(), model.info().name(), checked.after());
    if (checked.keptTokens() < tokens(layers)) {
      model.requireEviction(tokensSeen);
    }
    return checked;
  }

  private static long tokens(List<LayerCache> layers) {
    return layers.stream().mapToLong(layer -> layer.ledger().totalLength()).sum();
  }
}
