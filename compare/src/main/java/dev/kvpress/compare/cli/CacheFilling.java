package dev.kvpress.compare.cli;

import dev.kvpress.compare.MachineMemory;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.ModelWeights;
import dev.kvpress.runtime.export.weights.WeightFormat;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Exports what a run would export, so that many that begin at once find it. Each would make it for
 * itself otherwise, and all but one throw theirs away.
 *
 * @param settings of the run
 * @param reference weights on which it would run the full cache once more
 */
record CacheFilling(RunSettings settings, ReferenceWeights.Wish reference) {
  /**
   * Does it; opening a model exports it.
   *
   * @param notices takes a line on what was exported
   */
  void run(Consumer<String> notices) {
    ModelWeights weights;
    try (DecoderModel model = DecoderModel.open(settings.model(), settings.options())) {
      weights = model.info().weights();
    }
    Optional<WeightFormat> other =
        ReferenceWeights.choose(
                weights, ModelWeights.sizes(settings.model()), reference, MachineMemory.find())
            .flatMap(ReferenceWeights::format);
    other.ifPresent(
        format ->
            DecoderModel.open(settings.model(), settings.withWeights(format).options()).close());
    notices.accept(
        "%s holds what is exported of %s: weights as %s%s"
            .formatted(
                settings.options().cacheDir(),
                settings.model(),
                weights.label(),
                other.map(format -> " and " + format.label()).orElse("")));
  }
}
