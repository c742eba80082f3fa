package dev.kvpress.compare.cli;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.text.FittedTokenizer;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.nio.file.Path;

/**
 * How a model's texts become tokens.
 *
 * @param tokenizer as it lies beside the model
 */
record ModelText(Tokenizer tokenizer) {

  /**
   * Finds the tokenizer beside a model.
   *
   * @throws ModelException if there is none
   */
  static ModelText of(Path model) {
    return new ModelText(
        Tokenizers.find(model)
            .orElseThrow(
                () ->
                    new ModelException(
                        "%s: expected a tokenizer beside the model (%s), found none"
                            .formatted(model, Tokenizers.KNOWN_FILES))));
  }

  /** For the tokens that the model knows. */
  Tokenizer fitted(DecoderModel model) {
    return FittedTokenizer.of(tokenizer, model.info().vocabulary());
  }

  /** Says what is to be said of model and tokenizer; what touches figures come what may. */
  void remarks(DecoderModel model, Console console, boolean quiet) {
    model.notices().stream()
        .filter(remark -> remark.touchesFigures() || !quiet)
        .forEach(remark -> console.note(remark.text()));
    if (!quiet) {
      FittedTokenizer.excess(tokenizer, model.info().vocabulary()).ifPresent(console::note);
    }
  }
}
