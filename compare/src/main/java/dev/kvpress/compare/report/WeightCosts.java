package dev.kvpress.compare.report;

import dev.kvpress.compare.metric.Draws;
import dev.kvpress.compare.metric.PairedBootstrap;
import dev.kvpress.compare.metric.PairedBootstrap.Resampled;
import dev.kvpress.compare.report.folder.WeightCost;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.plan.PlannedReference;
import dev.kvpress.compare.task.PerplexityTask;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Holds the full cache of a run against the full cache on other weights. */
final class WeightCosts {
  private WeightCosts() {}

  /**
   * The entry of a full cache of the task perplexity.
   *
   * @param cell of the run
   * @param planned the weights of both
   * @param other gives the same full cache on the other weights, from what their keys have in
   *     common
   * @param draws for the interval
   */
  static WeightCost of(
      CellOutcome cell,
      PlannedReference planned,
      Function<String, CellOutcome> other,
      Draws draws) {
    String weights = planned.weights();
    String reference = planned.reference();
    if (planned.missing() != null) {
      return missing(cell, weights, reference, planned.missing());
    }
    return planned.common() == null
        ? missing(cell, weights, reference, "it was not run")
        : held(cell, weights, other.apply(planned.common()), reference, draws);
  }

  private static WeightCost held(
      CellOutcome cell, String weights, CellOutcome other, String reference, Draws draws) {
    if (other.error().isPresent()) {
      return missing(cell, weights, reference, other.error().get());
    }
    if (!other.samples().isEmpty() && other.samples().size() < cell.samples().size()) {
      return missing(
          cell,
          weights,
          reference,
          "it was run on %,d of %,d samples only"
              .formatted(other.samples().size(), cell.samples().size()));
    }
    Optional<Resampled> pairs =
        CellMetrics.pairs(PerplexityTask.NLL_COMPRESSED, cell, other)
            .flatMap(both -> Resampled.of(both, draws));
    if (cell.error().isPresent() || pairs.isEmpty()) {
      return missing(cell, weights, reference, "no sample has figures of both");
    }
    DoubleUnaryOperator plain = mean -> mean;
    Optional<PairedBootstrap.Interval> interval = pairs.get().difference(plain);
    return new WeightCost(
        cell.task().task(),
        cell.task().data(),
        cell.cell().spec(),
        weights,
        perplexity(cell),
        reference,
        perplexity(other),
        pairs.get().delta(plain),
        interval.map(PairedBootstrap.Interval::low).orElse(null),
        interval.map(PairedBootstrap.Interval::high).orElse(null),
        pairs.get().count(),
        null);
  }

  private static WeightCost missing(
      CellOutcome cell, String weights, String reference, String reason) {
    return new WeightCost(
        cell.task().task(),
        cell.task().data(),
        cell.cell().spec(),
        weights,
        perplexity(cell),
        reference,
        null,
        null,
        null,
        null,
        0,
        reason);
  }

  private static @Nullable Double perplexity(CellOutcome cell) {
    OptionalDouble nll = cell.mean(PerplexityTask.NLL_COMPRESSED);
    return cell.error().isPresent() || nll.isEmpty()
        ? null
        : Double.valueOf(Math.exp(nll.getAsDouble()));
  }
}
