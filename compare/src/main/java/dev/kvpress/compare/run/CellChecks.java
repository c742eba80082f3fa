package dev.kvpress.compare.run;

import dev.kvpress.presses.BudgetKind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Tells results from accidents: a cell that removed nothing, or not what was asked, or changed
 * nothing, is an error and not a figure.
 */
final class CellChecks {
  // Truncation to whole tokens per head, and the one token that always stays.
  private static final double ROUNDING_TOKENS = 1;

  private CellChecks() {}

  /**
   * Why the outcomes are no result.
   *
   * @param baseline outcomes of the baseline for the same samples; empty if it failed
   */
  static Optional<String> error(
      PlannedCell cell, List<Outcome> outcomes, List<Outcome> baseline) {
    double ratio = cell.compressionRatio().orElse(0);
    if (!(ratio > 0)) {
      return Optional.empty();
    }
    if (removedNothing(outcomes)) {
      return Optional.of(
          "compression_ratio is %s, but nothing was removed from any sample".formatted(ratio));
    }
    if (cell.method().press().budgetKind() == BudgetKind.EXACT) {
      for (Outcome outcome : outcomes) {
        double missedTokens =
            Math.abs(outcome.achievedRatio() - ratio) * outcome.contextTokens();
        if (missedTokens > ROUNDING_TOKENS + 1e-6) {
          return Optional.of(
              String.format(
                  Locale.ROOT,
                  "compression_ratio is %s, but sample %d achieved %.4f (%d of %d cached tokens kept)",
                  ratio,
                  outcome.sample(),
                  outcome.achievedRatio(),
                  outcome.keptTokens(),
                  outcome.seenTokens()));
        }
      }
    }
    if (sameLogits(outcomes, baseline)) {
      return Optional.of(
          "compression_ratio is %s, but the logits equal the baseline's bit for bit in every sample: what was removed was not gone"
              .formatted(ratio));
    }
    return Optional.empty();
  }

  /** What a reader of valid outcomes must know; empty if nothing. */
  static Optional<String> warning(PlannedCell cell, List<Outcome> outcomes) {
    boolean asksNothing = cell.compressionRatio().isPresent();
    return !asksNothing && removedNothing(outcomes)
        ? Optional.of(
            (cell.budgetTokens().isPresent()
                    ? "no context is longer than the budget"
                    : "its own budget removed nothing")
                + " from any sample; the figures are the baseline's")
        : Optional.empty();
  }

  private static boolean removedNothing(List<Outcome> outcomes) {
    return outcomes.stream().allMatch(outcome -> outcome.keptTokens() == outcome.seenTokens());
  }

  private static boolean sameLogits(List<Outcome> outcomes, List<Outcome> baseline) {
    if (outcomes.size() != baseline.size()) {
      return false;
    }
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i).logitsHash() != baseline.get(i).logitsHash()) {
        return false;
      }
    }
    return true;
  }
}
