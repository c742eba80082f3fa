package dev.kvpress.compare.run;

import dev.kvpress.compare.task.Figure;
import dev.kvpress.presses.BudgetKind;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Decides whether the figures of a cell may be called a result. A run that compressed nothing, or
 * not what was asked for, ends as an error: such runs have been published as results before.
 */
public final class CellChecks {
  // Kept counts are whole numbers, so an exact press meets its own ratio to rounding of doubles.
  private static final double ROUNDING = 1e-9;

  private CellChecks() {}

  private static Optional<String> unreal(List<SampleOutcome> samples) {
    for (SampleOutcome sample : samples) {
      for (Map.Entry<String, Figure> figure : sample.answer().figures().entrySet()) {
        if (!Double.isFinite(figure.getValue().sum())) {
          return Optional.of(
              "sample %d: %s is %s and no number; the model gives such logits: a weight is NaN, or its numbers leave the range of their type (F16)"
                  .formatted(sample.sample(), figure.getKey(), figure.getValue().sum()));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Checks one cell.
   *
   * @param cell its figures
   * @param baseline the figures of the same samples with the whole cache
   * @param widestWindow of a model in which no layer sees further
   */
  public static CellOutcome check(
      CellOutcome cell, CellOutcome baseline, OptionalInt widestWindow) {
    List<SampleOutcome> samples = cell.samples();
    if (cell.error().isPresent() || samples.isEmpty()) {
      return cell;
    }
    Optional<String> unreal = unreal(samples);
    if (unreal.isPresent()) {
      return cell.failed(unreal.get());
    }
    if (cell.plan().isBaseline()) {
      return cell;
    }
    boolean removedNothing = samples.stream().allMatch(s -> s.cache().achievedRatio() == 0);
    if (cell.plan().hasOwnBudget()) {
      return removedNothing ? remarked(cell, baseline) : cell;
    }
    if (!cell.plan().mustRemove()) {
      return cell;
    }
    if (removedNothing) {
      return cell.failed(
          "removed nothing although %s was asked for; the context is too short or the budget too large for it"
              .formatted(cell.plan().budget().describe()));
    }
    if (cell.plan().press().budgetKind() == BudgetKind.EXACT) {
      for (SampleOutcome sample : samples) {
        if (Math.abs(sample.cache().achievedRatio() - sample.cache().requestedRatio()) > ROUNDING) {
          return cell.failed(
              String.format(
                  Locale.ROOT,
                  "sample %d: removed the fraction %.6f, but %s asks for %.6f there",
                  sample.sample(),
                  sample.cache().achievedRatio(),
                  cell.plan().budget().describe(),
                  sample.cache().requestedRatio()));
        }
      }
    }
    boolean same = hasLogitsOf(cell, baseline);
    if (same && behindWindow(cell, widestWindow)) {
      return cell.warned(
          "removed only what lay behind the sliding windows of all layers (at most %d tokens), where it changes nothing"
              .formatted(widestWindow.getAsInt()));
    }
    return same
        ? cell.failed(
            "its logits equal the baseline's bit for bit, so the compressed cache was not used, or what was removed lay behind the sliding windows of all layers, where a press changes nothing")
        : cell;
  }

  /**
   * A press with its own rule that left all tokens: no error, for its rule may ask for that, but
   * told, unless it changed what is kept of the tokens and was made for just that.
   */
  private static CellOutcome remarked(CellOutcome cell, CellOutcome baseline) {
    CellPlan plan = cell.plan();
    boolean same = hasLogitsOf(cell, baseline);
    if (plan.keepsTokens() && !same) {
      return cell;
    }
    return cell.warned(
        plan.method()
            + leftAll(plan)
            + (same ? "; its figures are the full cache's own, bit for bit" : ""));
  }

  private static String leftAll(CellPlan plan) {
    if (plan.keepsTokens()) {
      return " changed nothing";
    }
    if (plan.press().evictsWhileDecoding()) {
      return " removed no token of the contexts; it goes on evicting while tokens are decoded one by one";
    }
    return " removed no token; its threshold or sizes do not touch contexts of this length"
        + plan.press()
            .cacheFormat()
            .map(format -> ", so that it is a cache in %d bits alone".formatted(format.bits()))
            .orElse("");
  }

  private static boolean hasLogitsOf(CellOutcome cell, CellOutcome baseline) {
    Map<Integer, Long> whole = new HashMap<>();
    baseline.samples().forEach(s -> whole.put(s.sample(), s.logitsHash()));
    return cell.samples().stream()
        .allMatch(
            s ->
                s.passedTokens() > 0 && Long.valueOf(s.logitsHash()).equals(whole.get(s.sample())));
  }

  /** Whether each context is longer than the window, and as much was kept as the window shows. */
  private static boolean behindWindow(CellOutcome cell, OptionalInt window) {
    Map<Integer, Integer> lengths = new HashMap<>();
    cell.assignment()
        .samples()
        .probes()
        .forEach(probe -> lengths.put(probe.sample(), probe.context().length()));
    return window.isPresent()
        && cell.samples().stream()
            .allMatch(
                sample -> {
                  int length = lengths.getOrDefault(sample.sample(), 0);
                  double kept = length * (1 - sample.cache().achievedRatio());
                  // The first token behind the context counts itself.
                  return length > window.getAsInt() && Math.round(kept) >= window.getAsInt() - 1;
                });
  }
}
