package dev.kvpress.compare.run;

import dev.kvpress.compare.report.Cell;
import dev.kvpress.compare.report.SampleResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** Turns the outcomes of cells into the cells of a report. */
final class Aggregation {
  private static final double NANOS_PER_MILLI = 1e6;

  private final String task;
  private final String data;
  private final List<Outcome> baseline;

  /**
   * For one task and data file.
   *
   * @param baseline outcomes of the baseline; empty if it failed
   */
  Aggregation(String task, String data, List<Outcome> baseline) {
    this.task = task;
    this.data = data;
    this.baseline = baseline;
  }

  /** One cell. */
  Cell cell(CellTally tally) {
    List<Outcome> outcomes = tally.outcomes();
    Optional<String> error =
        tally
            .failure()
            .map(e -> "sample " + tally.failedSample() + ": " + Reasons.of(e))
            .or(() -> CellChecks.error(tally.cell(), outcomes, baseline));
    List<String> warnings = new ArrayList<>();
    if (error.isEmpty()) {
      CellChecks.warning(tally.cell(), outcomes).ifPresent(warnings::add);
      warnings.addAll(tally.notices());
    }
    PlannedCell planned = tally.cell();
    return new Cell(
        planned.method().typed(),
        planned.method().named().spec().toString(),
        task,
        data,
        planned.compressionRatio(),
        planned.budgetTokens(),
        error.isPresent() ? Optional.empty() : Optional.of(figures(outcomes)),
        error,
        warnings);
  }

  /** The samples of a cell that did not fail. */
  List<SampleResult> samples(CellTally tally) {
    List<SampleResult> results = new ArrayList<>();
    for (Outcome outcome : tally.outcomes()) {
      results.add(
          new SampleResult(
              tally.cell().method().typed(),
              task,
              data,
              tally.cell().compressionRatio(),
              tally.cell().budgetTokens(),
              outcome.sample(),
              outcome.nll() / outcome.tokens(),
              outcome.nllCompressed() / outcome.tokensCompressed(),
              outcome.tokens(),
              outcome.achievedRatio()));
    }
    return results;
  }

  private Cell.Figures figures(List<Outcome> outcomes) {
    long kept = outcomes.stream().mapToLong(Outcome::keptTokens).sum();
    long seen = outcomes.stream().mapToLong(Outcome::seenTokens).sum();
    double[] steps = outcomes.stream().flatMapToDouble(o -> o.stepNanos().stream()).toArray();
    return new Cell.Figures(
        1.0 - (double) kept / seen,
        perToken(outcomes, Outcome::nll, Outcome::tokens),
        perToken(outcomes, Outcome::nllCompressed, Outcome::tokensCompressed),
        baseline.isEmpty()
            ? OptionalDouble.empty()
            : OptionalDouble.of(
                perToken(outcomes, Outcome::nllCompressed, Outcome::tokensCompressed)
                    - perToken(baseline, Outcome::nllCompressed, Outcome::tokensCompressed)),
        outcomes.stream().mapToLong(Outcome::logicalBytes).average().orElseThrow(),
        outcomes.stream().mapToLong(Outcome::physicalBytes).average().orElseThrow(),
        medianMillis(outcomes, Outcome::prefillNanos),
        medianMillis(outcomes, Outcome::pressNanos),
        steps.length == 0
            ? OptionalDouble.empty()
            : OptionalDouble.of(Median.of(steps) / NANOS_PER_MILLI),
        outcomes.size(),
        outcomes.stream().mapToLong(Outcome::tokens).sum());
  }

  private static double perToken(
      List<Outcome> outcomes, ToDoubleFunction<Outcome> sum, ToDoubleFunction<Outcome> tokens) {
    return outcomes.stream().mapToDouble(sum).sum() / outcomes.stream().mapToDouble(tokens).sum();
  }

  private static double medianMillis(List<Outcome> outcomes, ToDoubleFunction<Outcome> nanos) {
    return Median.of(outcomes.stream().mapToDouble(nanos).toArray()) / NANOS_PER_MILLI;
  }
}
