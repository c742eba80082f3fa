package dev.kvpress.compare.run;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.kvpress.compare.metric.Spread;
import dev.kvpress.compare.run.plan.CellFacts;
import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.task.Figure;
import dev.kvpress.compare.task.Metric;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/**
 * What one cell gave in one task.
 *
 * @param cell the cell
 * @param task the task and its data
 * @param samples one entry for each sample that went through, in file order
 * @param error why there is no result; empty if there is one
 * @param warnings what the user should know about the result
 */
public record CellOutcome(
    CellFacts cell,
    PlannedTask task,
    List<SampleOutcome> samples,
    Optional<String> error,
    Collection<String> warnings) {
  /** Takes copies. */
  public CellOutcome {
    samples = ImmutableList.copyOf(samples);
    warnings = ImmutableSet.copyOf(warnings);
  }

  CellOutcome failed(String reason) {
    return new CellOutcome(cell, task, samples, Optional.of(reason), warnings);
  }

  CellOutcome warned(String warning) {
    return new CellOutcome(
        cell,
        task,
        samples,
        error,
        ImmutableSet.<String>builder().addAll(warnings).add(warning).build());
  }

  /** Predicted tokens over all samples. */
  public long tokens() {
    return samples.stream().mapToLong(sample -> sample.answer().tokens()).sum();
  }

  /** Mean of a figure over the samples by its weights; empty where no sample has it. */
  public OptionalDouble mean(String figure) {
    double sum = 0;
    double weight = 0;
    for (SampleOutcome sample : samples) {
      Optional<Figure> own = sample.figure(figure);
      sum += own.map(Figure::sum).orElse(0.0);
      weight += own.map(Figure::weight).orElse(0.0);
    }
    return weight == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / weight);
  }

  /** The value of a metric; empty where no sample has its figure. */
  public OptionalDouble value(Metric metric) {
    if (metric.isQuantile()) {
      return spread(metric)
          .map(values -> OptionalDouble.of(metric.value(values)))
          .orElse(OptionalDouble.empty());
    }
    OptionalDouble mean = mean(metric.figure());
    return mean.isEmpty() ? mean : OptionalDouble.of(metric.value(mean.getAsDouble(), 1));
  }

  /** The standard error of a metric over single values; empty where there is none. */
  public OptionalDouble error(Metric metric) {
    return spread(metric).map(metric::error).orElse(OptionalDouble.empty());
  }

  private Optional<Spread> spread(Metric metric) {
    double[] values =
        metric.series().stream()
            .flatMap(name -> samples.stream().map(sample -> sample.series(name)))
            .flatMap(List::stream)
            .mapToDouble(Double::doubleValue)
            .toArray();
    return values.length == 0 ? Optional.empty() : Optional.of(Spread.of(values));
  }

  /** Samples that a metric is taken over. */
  public int count(Metric metric) {
    return metric.isQuantile()
        ? (int) samples.stream().filter(s -> !s.series(metric.figure()).isEmpty()).count()
        : count(metric.figure());
  }

  /** Samples that have a figure. */
  public int count(String figure) {
    return (int)
        samples.stream()
            .filter(sample -> sample.figure(figure).filter(f -> f.weight() > 0).isPresent())
            .count();
  }

  /** Mean of what the cache gave and cost over the samples; NaN figures are left out. */
  public OptionalDouble cacheMean(ToDoubleFunction<CacheFigures> figure) {
    return samples.stream()
        .map(SampleOutcome::cache)
        .mapToDouble(figure)
        .filter(x -> !Double.isNaN(x))
        .average();
  }
}
