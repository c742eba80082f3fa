package dev.kvpress.compare.gpu;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.ort.Provider;
import java.nio.file.Path;

/**
 * One model on two providers.
 *
 * @param processor on the processor, which is what is right
 * @param checked on the provider that is checked
 */
record Sides(DecoderModel processor, DecoderModel checked) implements AutoCloseable {
  Sides {
    requireNonNull(processor, "processor is null");
    requireNonNull(checked, "checked is null");
  }

  /**
   * Opens a model on both.
   *
   * @param options of the side that is checked; the other has the same but for the provider
   */
  static Sides open(Path model, DecoderOptions options) {
    DecoderOptions processor =
        new DecoderOptions(
            Provider.CPU,
            0,
            options.threads(),
            options.cacheDir(),
            options.auxiliaries(),
            options.weights());
    DecoderModel reference = DecoderModel.open(model, processor);
    boolean done = false;
    try {
      Sides sides = new Sides(reference, DecoderModel.open(model, options));
      done = true;
      return sides;
    } finally {
      if (!done) {
        reference.close();
      }
    }
  }

  @Override
  public void close() {
    try (processor) {
      checked.close();
    }
  }
}
