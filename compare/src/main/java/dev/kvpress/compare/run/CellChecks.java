package dev.kvpress.compare.run;

import dev.kvpress.compare.run.plan.CellFacts;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;

/**
 * Decides whether the figures of a cell may be called a result. A run that compressed nothing, or
 * not what was asked for, ends as an error: such runs have been published as results before.
 */
final class CellChecks {
  // Kept counts are whole numbers, so an exact press meets its own ratio to rounding of doubles.
  private static final double ROUNDING = 1e-9;

  private CellChecks() {}

  /**
   * Checks one cell.
   *
   * @param cell its figures
   * @param baseline the figures of the same samples with the whole cache
   * @param widestWindow of a model in which no layer sees further
   * @param contextTokens of a sample
   */
  static CellOutcome check(
      CellOutcome cell,
      CellOutcome baseline,
      OptionalInt widestWindow,
      IntUnaryOperator contextTokens) {
    List<SampleOutcome> samples = cell.samples();
    if (cell.error().isPresent() || samples.isEmpty()) {
      return cell;
    }
    Optional<String> unreal = UnrealFigures.of(cell);
    if (unreal.isPresent()) {
      return cell.failed(unreal.get());
    }
    if (cell.cell().baseline()) {
      return cell;
    }
    boolean removedNothing = samples.stream().allMatch(s -> s.cache().achievedRatio() == 0);
    if (cell.cell().ownBudget()) {
      return removedNothing ? remarked(cell, baseline) : cell;
    }
    if (!cell.cell().mustRemove()) {
      return cell;
    }
    if (removedNothing && samples.size() < cell.task().samples()) {
      // Contexts elsewhere may be longer; a cell is judged where all are.
      return cell.warned(
          "removed nothing of the %,d samples of %,d that are here although %s was asked for; whether that is an error is told where all are"
              .formatted(samples.size(), cell.task().samples(), cell.cell().budget()));
    }
    if (removedNothing) {
      return cell.failed(
          "removed nothing although %s was asked for; the context is too short or the budget too large for it"
              .formatted(cell.cell().budget()));
    }
    if (cell.cell().exact()) {
      for (SampleOutcome sample : samples) {
        if (Math.abs(sample.cache().achievedRatio() - sample.cache().requestedRatio()) > ROUNDING) {
          return cell.failed(
              String.format(
                  Locale.ROOT,
                  "sample %d: removed the fraction %.6f, but %s asks for %.6f there",
                  sample.sample(),
                  sample.cache().achievedRatio(),
                  cell.cell().budget(),
                  sample.cache().requestedRatio()));
        }
      }
    }
    boolean same = hasLogitsOf(cell, baseline);
    if (same && behindWindow(cell, widestWindow, contextTokens)) {
      return cell.warned(
          "removed only what lay behind the sliding windows of all layers (at most %d tokens), where it changes nothing"
              .formatted(widestWindow.getAsInt()));
    }
    return same
        ? cell.failed(
            "its logits equal the baseline's bit for bit, so the compressed cache was not used, or"
                + " what was removed lay behind the sliding windows of all layers, where a press"
                + " changes nothing")
        : cell;
  }

  /**
   * A press with its own rule that left all tokens: no error, for its rule may ask for that, but
   * told, unless it changed what is kept of the tokens and was made for just that.
   */
  private static CellOutcome remarked(CellOutcome cell, CellOutcome baseline) {
    CellFacts facts = cell.cell();
    boolean same = hasLogitsOf(cell, baseline);
    if (facts.keepsTokens() && !same) {
      return cell;
    }
    return cell.warned(
        facts.method()
            + leftAll(facts)
            + (same ? "; its figures are the full cache's own, bit for bit" : ""));
  }

  private static String leftAll(CellFacts facts) {
    if (facts.keepsTokens()) {
      return " changed nothing";
    }
    if (facts.evictsWhileDecoding()) {
      return " removed no token of the contexts; it goes on evicting while tokens are decoded one"
          + " by one";
    }
    return " removed no token; its threshold or sizes do not touch contexts of this length"
        + (facts.kvBits() == null
            ? ""
            : ", so that it is a cache in %d bits alone".formatted(facts.kvBits()));
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
  private static boolean behindWindow(
      CellOutcome cell, OptionalInt window, IntUnaryOperator contextTokens) {
    return window.isPresent()
        && cell.samples().stream()
            .allMatch(
                sample -> {
                  int length = contextTokens.applyAsInt(sample.sample());
                  double kept = length * (1 - sample.cache().achievedRatio());
                  // The first token behind the context counts itself.
                  return length > window.getAsInt() && Math.round(kept) >= window.getAsInt() - 1;
                });
  }
}
