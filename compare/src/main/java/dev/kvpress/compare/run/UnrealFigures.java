package dev.kvpress.compare.run;

import dev.kvpress.compare.task.Figure;
import dev.kvpress.compare.task.Metric;
import dev.kvpress.compare.task.PerplexityTask;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;

/** Finds figures of a cell that are no numbers, before anything is made of them. */
final class UnrealFigures {
  /** From here on {@link Math#exp} is infinite. */
  private static final double MOST_NATS = Math.log(Double.MAX_VALUE);

  private UnrealFigures() {}

  /** What is no number and where it comes from; empty if all are numbers. */
  static Optional<String> of(CellOutcome cell) {
    return ofSamples(cell.samples()).or(() -> ofMetrics(cell)).or(() -> ofPerplexity(cell));
  }

  private static Optional<String> ofSamples(List<SampleOutcome> samples) {
    for (SampleOutcome sample : samples) {
      for (Map.Entry<String, Figure> figure : sample.answer().figures().entrySet()) {
        if (!Double.isFinite(figure.getValue().sum())) {
          return Optional.of(
              "sample %d: %s is %s and no number; the model gives such logits: a weight is NaN, or its numbers leave the range of their type (F16)"
                  .formatted(sample.sample(), figure.getKey(), figure.getValue().sum()));
        }
        if (!Double.isFinite(figure.getValue().weight())) {
          return Optional.of(
              "sample %d: the weight of %s is %s and no number"
                  .formatted(sample.sample(), figure.getKey(), figure.getValue().weight()));
        }
      }
      if (!Double.isFinite(sample.cache().achievedRatio())) {
        return Optional.of(
            "sample %d: achieved_ratio is %s and no number"
                .formatted(sample.sample(), sample.cache().achievedRatio()));
      }
    }
    return Optional.empty();
  }

  private static Optional<String> ofMetrics(CellOutcome cell) {
    // A mean says more than what is made of it: it is told first where it is no number itself.
    List<Metric> metrics =
        cell.task().known().metrics().stream()
            .sorted(Comparator.comparing((Metric metric) -> metric.scale() == Metric.Scale.EXP))
            .toList();
    for (Metric metric : metrics) {
      OptionalDouble value = cell.value(metric);
      if (value.isPresent() && !Double.isFinite(value.getAsDouble())) {
        return Optional.of(
            metric.isQuantile()
                ? "%s is %s and no number; a value of %s is none"
                    .formatted(metric.name(), value.getAsDouble(), metric.figure())
                : told(
                    metric.name(),
                    metric.figure(),
                    cell,
                    mean -> metric.value(mean, 1),
                    metric.scale() == Metric.Scale.EXP));
      }
    }
    return Optional.empty();
  }

  /** Tasks that do not report it as a metric have it in their rows. */
  private static Optional<String> ofPerplexity(CellOutcome cell) {
    OptionalDouble mean = cell.mean(PerplexityTask.NLL_COMPRESSED);
    return mean.isPresent() && !Double.isFinite(Math.exp(mean.getAsDouble()))
        ? Optional.of(
            told(PerplexityTask.PERPLEXITY, PerplexityTask.NLL_COMPRESSED, cell, Math::exp, true))
        : Optional.empty();
  }

  private static String told(
      String name,
      String figure,
      CellOutcome cell,
      DoubleUnaryOperator transform,
      boolean exponential) {
    double mean = cell.mean(figure).orElse(Double.NaN);
    String reason =
        exponential && Double.isFinite(mean)
            ? "%s is %s, and exp of more than %.2f leaves the range of numbers"
                .formatted(
                    figure.equals(PerplexityTask.NLL_COMPRESSED)
                        ? "the mean negative log-likelihood (nll_compressed, nats per token)"
                        : "the mean of " + figure,
                    number(mean),
                    MOST_NATS)
            : "the sum of %s over the samples leaves the range of numbers".formatted(figure);
    return "%s is %s and no number: %s; %s; either the method breaks the model there, or the model's own numbers (weights, logits) are far too large"
        .formatted(
            name,
            transform.applyAsDouble(mean),
            reason,
            largest(figure, cell)
                .map(
                    sample ->
                        "%s is largest in sample %d, with %s"
                            .formatted(
                                figure, sample.sample(), number(own(figure, sample).orElse(0))))
                .orElse("no sample stands out"));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < 1e6 ? "%.2f" : "%.3g", value);
  }

  private static Optional<SampleOutcome> largest(String figure, CellOutcome cell) {
    return cell.samples().stream()
        .filter(sample -> own(figure, sample).isPresent())
        .max(
            Comparator.comparingDouble(
                sample -> Math.abs(own(figure, sample).orElse(Double.NEGATIVE_INFINITY))));
  }

  private static OptionalDouble own(String figure, SampleOutcome sample) {
    return sample
        .figure(figure)
        .filter(found -> found.weight() > 0)
        .map(found -> OptionalDouble.of(found.sum() / found.weight()))
        .orElse(OptionalDouble.empty());
  }
}
