package dev.kvpress.compare.serve.model;

import static java.util.Objects.requireNonNull;

import dev.kvpress.presses.BaselinePress;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.generate.Compression;
import dev.kvpress.runtime.saved.ContextNotes;
import dev.kvpress.runtime.saved.SavedContext;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the file of a context says of its press.
 *
 * @param spec of the press that has cut it; empty where nobody knows
 * @param budget what it was given, where that is a ratio or a number of tokens
 * @param goingOn what cuts the cache while questions and answers pass: the same press if it evicts
 *     while decoding, else none
 */
public record StoredPress(String spec, Optional<Budget> budget, Compression goingOn) {
  private static final Pattern RATIO = Pattern.compile("compression_ratio=([0-9.Ee+-]{1,32})");
  private static final Pattern TOKENS = Pattern.compile("budget=([0-9]{1,9})");

  /** Checks that all are there. */
  public StoredPress {
    requireNonNull(spec, "spec is null");
    requireNonNull(budget, "budget is null");
    requireNonNull(goingOn, "goingOn is null");
  }

  /**
   * Reads the notes of a file.
   *
   * @throws ModelException if a press goes on with the context and the file does not say which
   */
  public static StoredPress of(SavedContext saved, PressCatalog catalog) {
    ContextNotes notes = saved.notes();
    Optional<Budget> budget = budget(saved, notes.budget());
    if (!saved.card().run().observing()) {
      return new StoredPress(
          notes.press(), budget, new Compression(new BaselinePress(), Budget.FULL));
    }
    ModelPress press = press(saved, notes.press(), catalog);
    Budget given =
        budget.orElseThrow(
            () ->
                new ModelException(
                    "%s: budget: expected compression_ratio=… or budget=…, found '%s'"
                        .formatted(saved.file(), notes.budget())));
    return new StoredPress(
        notes.press(),
        budget,
        // Files of old may note a budget beside a press that never heeded it.
        new Compression(press, press.budgetKind() == BudgetKind.OWN ? Budget.FULL : given));
  }

  private static ModelPress press(SavedContext saved, String spec, PressCatalog catalog) {
    try {
      return catalog.make(spec).press();
    } catch (IllegalArgumentException e) {
      throw new ModelException(
          "%s: the press that goes on with the context cannot be made: %s"
              .formatted(saved.file(), e.getMessage()),
          e);
    }
  }

  private static Optional<Budget> budget(SavedContext saved, String text) {
    Matcher ratio = RATIO.matcher(text);
    Matcher tokens = TOKENS.matcher(text);
    try {
      if (ratio.matches()) {
        return Optional.of(Budget.ratio(Double.parseDouble(ratio.group(1))));
      }
      return tokens.matches()
          ? Optional.of(Budget.tokens(Integer.parseInt(tokens.group(1))))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      throw new ModelException(saved.file() + ": budget: " + e.getMessage(), e);
    }
  }
}
