package dev.kvpress.runtime.generate;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a model's texts become tokens and back.
 *
 * @param tokenizer the model's
 * @param template in which conversations are written; empty where the model has none, and then it
 *     takes no conversations
 */
public record ModelWords(Tokenizer tokenizer, Optional<ChatTemplate> template) {
  /** Checks that both are there. */
  public ModelWords {
    requireNonNull(tokenizer, "tokenizer is null");
    requireNonNull(template, "template is null");
  }

  /**
   * Those that lie beside a model.
   *
   * @throws dev.kvpress.runtime.ModelException if there is no tokenizer, or a file is broken or not
   *     supported
   */
  public static ModelWords beside(Path model) {
    throw new UnsupportedOperationException();
  }
}
