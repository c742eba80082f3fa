package dev.kvpress.runtime.decode;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.text.PromptFrame;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How prompts of a model are written, for presses that let it read a context again: as somebody has
 * said, else as the files beside the model say, which are read when that is first asked for.
 */
public final class ModelPrompts {
  private final Path model;
  private final String name;
  private final int rows;
  private @Nullable PromptFrame frame;

  ModelPrompts(Path model, DecoderInfo info) {
    this.model = model;
    this.name = info.name();
    this.rows = info.vocabulary();
  }

  /** Says it, for contexts that are pressed from now on. */
  public synchronized void use(PromptFrame own) {
    frame = own;
  }

  /**
   * How they are written.
   *
   * @throws ModelException if nobody has said it and no files tell
   */
  synchronized PromptFrame frame() {
    if (frame == null) {
      try {
        frame = PromptFrame.beside(model, rows);
      } catch (ModelException | IllegalArgumentException e) {
        throw new ModelException(
            "a press that reads the context again needs to know how prompts of model %s are written: %s"
                .formatted(name, e.getMessage()),
            e);
      }
    }
    return frame;
  }
}
