package dev.kvpress.compare.report;

import dev.kvpress.compare.metric.Draws;
import dev.kvpress.compare.metric.PairedBootstrap;
import dev.kvpress.compare.metric.PairedBootstrap.Resampled;
import dev.kvpress.compare.metric.Pairs;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.task.Figure;
import dev.kvpress.compare.task.Metric;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The metrics of a cell, each held against the baseline's on the same samples. */
final class CellMetrics {
  // Fixed, so that a report can be made again; all cells are compared on the same draws.
  private static final long SEED = 42;

  private CellMetrics() {}

  /**
   * The metrics by name.
   *
   * @param remarks told what cannot be said of a figure
   */
  static Map<String, MetricRow> of(
      CellOutcome cell, Optional<CellOutcome> base, Draws draws, Consumer<String> remarks) {
    Map<String, MetricRow> rows = new LinkedHashMap<>();
    // Metrics of one figure, such as a loss and its perplexity, are told from one resampling.
    Map<String, Optional<Resampled>> drawn = new HashMap<>();
    for (Metric metric : cell.task().known().metrics()) {
      OptionalDouble value = cell.value(metric);
      if (value.isPresent()) {
        rows.put(
            metric.name(),
            row(
                metric,
                value.getAsDouble(),
                cell,
                base,
                figure -> drawn.computeIfAbsent(figure, name -> resampled(name, cell, base, draws)),
                remarks));
      }
    }
    return rows;
  }

  private static MetricRow row(
      Metric metric,
      double value,
      CellOutcome cell,
      Optional<CellOutcome> base,
      Function<String, Optional<Resampled>> drawn,
      Consumer<String> remarks) {
    int n = cell.count(metric);
    OptionalDouble ownError = cell.error(metric);
    Double error =
        ownError.isPresent() ? real(ownError.getAsDouble(), "the error", metric, remarks) : null;
    if (cell.cell().baseline()) {
      return new MetricRow(value, n, null, null, null, error);
    }
    if (metric.isQuantile()) {
      return new MetricRow(value, n, delta(value, metric, base, remarks), null, null, error);
    }
    Optional<Resampled> pairs = drawn.apply(metric.figure());
    if (pairs.isEmpty()) {
      return new MetricRow(value, n, null, null, null, error);
    }
    DoubleUnaryOperator transform = mean -> metric.value(mean, 1);
    @Nullable Double delta =
        real(pairs.get().delta(transform), "the difference to the baseline", metric, remarks);
    Optional<PairedBootstrap.Interval> interval = pairs.get().difference(transform);
    if (delta != null && interval.isEmpty() && pairs.get().count() > 1) {
      real(Double.NaN, "the interval", metric, remarks);
    }
    return new MetricRow(
        value,
        n,
        delta,
        interval.map(PairedBootstrap.Interval::low).orElse(null),
        interval.map(PairedBootstrap.Interval::high).orElse(null),
        error);
  }

  private static Optional<Resampled> resampled(
      String figure, CellOutcome cell, Optional<CellOutcome> base, Draws draws) {
    return base.flatMap(b -> pairs(figure, cell, b)).flatMap(own -> Resampled.of(own, draws));
  }

  /** The draws of a report. */
  static Draws draws() {
    return new Draws(SEED);
  }

  /** Quantiles are no sums over samples, so nothing but the plain difference can be told. */
  private static @Nullable Double delta(
      double value, Metric metric, Optional<CellOutcome> base, Consumer<String> remarks) {
    OptionalDouble other = base.map(b -> b.value(metric)).orElse(OptionalDouble.empty());
    return other.isPresent()
        ? real(value - other.getAsDouble(), "the difference to the baseline", metric, remarks)
        : null;
  }

  /** A part of a metric that is a number, or nothing and a remark. */
  private static @Nullable Double real(
      double part, String what, Metric metric, Consumer<String> remarks) {
    if (Double.isFinite(part)) {
      return part;
    }
    remarks.accept(
        "%s of %s leaves the range of numbers and is left out".formatted(what, metric.name()));
    return null;
  }

  /** The figures of samples that both have; empty where there are none. */
  static Optional<Pairs> pairs(String figure, CellOutcome cell, CellOutcome base) {
    Map<Integer, Figure> whole = new HashMap<>();
    for (SampleOutcome sample : base.samples()) {
      sample.figure(figure).ifPresent(found -> whole.put(sample.sample(), found));
    }
    Pairs.Builder pairs = Pairs.builder();
    for (SampleOutcome sample : cell.samples()) {
      Figure other = whole.get(sample.sample());
      Figure own = sample.figure(figure).orElse(null);
      if (own != null
          && other != null
          && Double.isFinite(own.sum())
          && Double.isFinite(other.sum())) {
        pairs.add(own.sum(), own.weight(), other.sum(), other.weight());
      }
    }
    return Optional.of(pairs.build()).filter(found -> found.count() > 0);
  }

  /** Series by name; at each place the mean over the samples that reach so far. */
  static Map<String, List<Double>> series(CellOutcome cell) {
    TreeSet<String> names = new TreeSet<>();
    cell.samples().forEach(sample -> names.addAll(sample.answer().series().keySet()));
    Map<String, List<Double>> all = new LinkedHashMap<>();
    for (String name : names) {
      List<List<Double>> each = new ArrayList<>();
      for (SampleOutcome sample : cell.samples()) {
        each.add(sample.answer().series().getOrDefault(name, List.of()));
      }
      int longest = each.stream().mapToInt(List::size).max().orElse(0);
      List<Double> means = new ArrayList<>();
      for (int i = 0; i < longest; i++) {
        int place = i;
        means.add(
            each.stream()
                .filter(values -> values.size() > place)
                .mapToDouble(values -> values.get(place))
                .average()
                .orElse(Double.NaN));
      }
      all.put(name, means);
    }
    return all;
  }
}
