package dev.kvpress.compare.report;

import dev.kvpress.compare.metric.PairedBootstrap;
import dev.kvpress.compare.metric.Pairs;
import dev.kvpress.compare.report.folder.WeightCost;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.task.PerplexityTask;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Holds the full cache of a run against the full cache on other weights. */
public final class WeightCosts {
  private WeightCosts() {}

  /**
   * One entry for each data file of the task perplexity.
   *
   * @param cells of the run
   * @param weights their format
   * @param others full caches on other weights, over the same samples
   * @param reference the format of these
   */
  public static List<WeightCost> of(
      List<CellOutcome> cells, String weights, List<CellOutcome> others, String reference) {
    return fullCaches(cells).stream()
        .map(
            cell ->
                others.stream()
                    .filter(other -> other.assignment() == cell.assignment())
                    .filter(other -> other.plan().spec().equals(cell.plan().spec()))
                    .findFirst()
                    .map(other -> held(cell, weights, other, reference))
                    .orElseGet(() -> missing(cell, weights, reference, "it was not run")))
        .toList();
  }

  /** The same where there is nothing to hold them against. */
  public static List<WeightCost> missing(
      List<CellOutcome> cells, String weights, String reference, String reason) {
    return fullCaches(cells).stream()
        .map(cell -> missing(cell, weights, reference, reason))
        .toList();
  }

  private static List<CellOutcome> fullCaches(List<CellOutcome> cells) {
    return cells.stream()
        .filter(cell -> cell.plan().isBaseline())
        .filter(cell -> cell.assignment().task() instanceof PerplexityTask)
        .toList();
  }

  private static WeightCost held(
      CellOutcome cell, String weights, CellOutcome other, String reference) {
    if (other.error().isPresent()) {
      return missing(cell, weights, reference, other.error().get());
    }
    Optional<Pairs> pairs = CellMetrics.pairs(PerplexityTask.NLL_COMPRESSED, cell, other);
    if (cell.error().isPresent() || pairs.isEmpty()) {
      return missing(cell, weights, reference, "no sample has figures of both");
    }
    DoubleUnaryOperator plain = mean -> mean;
    Optional<PairedBootstrap.Interval> interval = CellMetrics.interval(pairs.get(), plain);
    return new WeightCost(
        cell.assignment().task().name(),
        cell.assignment().data(),
        cell.plan().spec(),
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
        cell.assignment().task().name(),
        cell.assignment().data(),
        cell.plan().spec(),
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
