package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.serve.model.StoredPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.generate.Compression;
import dev.kvpress.runtime.saved.ContextCard;
import dev.kvpress.runtime.saved.ContextNotes;
import dev.kvpress.runtime.saved.SavedContext;
import java.util.Locale;
import java.util.Optional;

/** How a saved context is gone on with: what it says of model, weights and press. */
final class SavedRun {
  private final PressCatalog catalog;

  SavedRun(PressCatalog catalog) {
    this.catalog = catalog;
  }

  /**
   * The press that goes on, which only one that evicts while decoding does.
   *
   * @throws ModelException if the file does not say which
   */
  Compression going(SavedContext saved) {
    return StoredPress.of(saved, catalog).goingOn();
  }

  /** The model's options with the weights that the context was made with, unless some are given. */
  static DecoderOptions options(DecoderOptions given, ModelOptions typed, SavedContext saved) {
    String noted = saved.notes().origin().weights();
    if (typed.weights.weights != null || noted.isEmpty()) {
      return given;
    }
    WeightFormat format = WeightOptions.formats().get(noted);
    if (format == null) {
      throw new ModelException(
          "%s: weights: expected one of %s, found '%s'"
              .formatted(saved.file(), WeightOptions.formats().keySet(), noted));
    }
    return given.with(format);
  }

  /** What was compressed and how, in a line. */
  String describe(SavedContext saved) {
    ContextCard card = saved.card();
    ContextNotes notes = saved.notes();
    return String.format(
        Locale.ROOT,
        "%s: a context%s of model %s, compressed by %s, %.1f %% of its cache removed, saved %s by %s",
        saved.file(),
        Optional.of(saved.tokens())
            .filter(tokens -> !tokens.isEmpty())
            .map(tokens -> " of " + tokens.length() + " tokens")
            .orElse(""),
        card.model(),
        compressor(notes),
        100 * card.achievedRatio(),
        card.savedAt(),
        notes.origin().writer().isEmpty() ? "an unnamed program" : notes.origin().writer());
  }

  /** The press and what it was given; sizes of its own stand in its name. */
  private String compressor(ContextNotes notes) {
    if (notes.press().isEmpty()) {
      return "nobody knows what" + (notes.budget().isEmpty() ? "" : " (" + notes.budget() + ")");
    }
    boolean own =
        new Methods(catalog, PressDefaults.NONE, new Problems())
            .make("press", notes.press())
            .filter(method -> !Methods.followsBudget(method))
            .isPresent();
    return own || notes.budget().isEmpty()
        ? notes.press()
        : "%s (%s)".formatted(notes.press(), notes.budget());
  }
}
