package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.Remark;
import dev.kvpress.runtime.cache.position.Positions;
import dev.kvpress.runtime.export.architecture.DecoderConfig;
import dev.kvpress.runtime.export.architecture.SlotRotation;
import java.util.Optional;

/** How far texts may go on a model, and what is to be said of those that go further. */
final class TrainedLength {
  private final DecoderInfo info;
  private final Optional<DecoderConfig> config;

  /**
   * That of a model.
   *
   * @param config of models that declare it
   */
  TrainedLength(DecoderInfo info, Optional<DecoderConfig> config) {
    this.info = info;
    this.config = config;
  }

  /**
   * What is to be known of a text that goes beyond the positions that the model was made for; empty
   * where it does not, or where they are not known.
   *
   * @param reached positions (or slots) up to the end of the text
   */
  Optional<Remark> remark(Positions positions, int reached) {
    if (info.maxPositions().isEmpty() || reached <= info.maxPositions().getAsInt()) {
      return Optional.empty();
    }
    int trained = info.maxPositions().getAsInt();
    return Optional.of(
        Remark.onFigures(
            switch (positions) {
              case TRUE ->
                  "true positions go to %,d, but model %s was made for %,d: beyond, it sees positions that it was never trained on; for texts without end take rolled positions (--positions rolled) and a press that keeps the cache below %,d tokens, such as streaming_llm or h2o with sizes"
                      .formatted(reached, info.name(), trained, trained);
              case ROLLED ->
                  "the cache grows to %,d slots, but model %s was made for %,d positions: rolled positions end at the size of the cache; remove more of it"
                      .formatted(reached, info.name(), trained);
            }));
  }

  /** Why no text can go beyond; empty where one can. */
  Optional<String> refusal() {
    if (config.isEmpty()) {
      return Optional.of(
          "what its graph computes beyond the positions that it was made for is not known");
    }
    return SlotRotation.refusal(config.get())
        .map(
            reason ->
                "%s has learned position embeddings, and there is none beyond"
                    .formatted(config.get().architecture()));
  }
}
