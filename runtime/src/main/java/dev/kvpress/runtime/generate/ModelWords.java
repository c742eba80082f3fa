package dev.kvpress.runtime.generate;

import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.text.ChatTemplates;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import dev.kvpress.runtime.text.chat.ChatTemplate;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a model's texts become tokens and back.
 *
 * @param tokenizer the model's
 * @param template in which conversations are written; empty where the model has none, and then it
 *     takes no conversations
 * @param refusal why a template that is there cannot be used; empty where there is no such one
 */
public record ModelWords(
    Tokenizer tokenizer, Optional<ChatTemplate> template, Optional<String> refusal) {
  /** Checks that all are there. */
  public ModelWords {
    requireNonNull(tokenizer, "tokenizer is null");
    requireNonNull(template, "template is null");
    requireNonNull(refusal, "refusal is null");
  }

  /** With a template, or without any. */
  public ModelWords(Tokenizer tokenizer, Optional<ChatTemplate> template) {
    this(tokenizer, template, Optional.empty());
  }

  /**
   * Those that lie beside a model. A template that is not supported is no reason to refuse texts;
   * conversations are refused with what is wrong with it.
   *
   * @throws ModelException if there is no tokenizer, or a file is broken
   */
  public static ModelWords beside(Path model) {
    Tokenizer tokenizer =
        Tokenizers.find(model)
            .orElseThrow(
                () ->
                    new ModelException(
                        "%s: expected a tokenizer beside the model (%s), found none"
                            .formatted(model, Tokenizers.KNOWN_FILES)));
    ChatTemplates templates = ChatTemplates.beside(model);
    try {
      return new ModelWords(tokenizer, templates.usual());
    } catch (ModelException e) {
      return new ModelWords(tokenizer, Optional.empty(), Optional.ofNullable(e.getMessage()));
    }
  }
}
