package dev.kvpress.compare.cli;

import dev.kvpress.compare.MachineMemory;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.decode.ModelWeights;
import dev.kvpress.runtime.export.WeightSizes;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Opens a model and says how its weights are stored. */
final class ModelOpening {
  private ModelOpening() {}

  /**
   * Opens it. Of a checkpoint the line comes first: an export takes its time, and weights that the
   * memory does not hold may end the process.
   *
   * @param notices takes the line
   * @throws ModelException if the model cannot be read or used
   */
  static DecoderModel open(Path model, DecoderOptions options, Consumer<String> notices) {
    MachineMemory memory = MachineMemory.find();
    Optional<WeightSizes> sizes = ModelWeights.sizes(model);
    sizes.ifPresent(
        found ->
            notices.accept(
                WeightWords.of(found, options.exportFormat(), options.provider(), memory)));
    DecoderModel opened = DecoderModel.open(model, options);
    if (sizes.isEmpty()) {
      notices.accept(WeightWords.of(opened.info().weights(), memory));
    }
    return opened;
  }
}
