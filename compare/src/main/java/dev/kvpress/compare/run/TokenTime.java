package dev.kvpress.compare.run;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Time of a decoding step of one token in a cell, and how far it can be trusted.
 *
 * <p>The value is the median of the turns behind a context, mean over contexts. The spread is half
 * the way from a method's fastest turn to its slowest, mean over contexts (where each context has
 * one turn, over the contexts), but no less than half the way between methods whose caches are of
 * the same size: the same graph on the same length is the same work, and what they differ by is
 * chance.
 *
 * @param nanos the value
 * @param spread in nanoseconds; NaN where a single turn cannot tell
 * @param steps that were timed
 * @param leftOut why the figure says nothing; empty if it does
 */
public record TokenTime(double nanos, double spread, int steps, Optional<String> leftOut) {
  /** With fewer there is no telling chance from work. */
  static final int FEWEST_STEPS = 6;

  /** A figure whose own turns lie further apart, as a part of it, is noise. */
  static final double MOST_SPREAD = 0.25;

  private static final String PREFIX = "ms/token is left out: ";

  /** Bytes of the cache, by which equal work is known. */
  private record Size(double logical, double physical) {}

  /** What has to be known of each cell before the times of any can be told. */
  public static final class Raw {
    private final Map<String, StepTimes> byGroup;
    private final Size size;

    private Raw(Map<String, StepTimes> byGroup, Size size) {
      this.byGroup = byGroup;
      this.size = size;
    }

    /** That of a cell. */
    public static Raw of(CellOutcome cell) {
      return new Raw(groups(cell), size(cell));
    }
  }

  /**
   * Those of the cells of one task.
   *
   * @return an entry for each cell, in their order; empty where nothing was measured
   */
  public static List<Optional<TokenTime>> of(List<Raw> cells) {
    List<Map<String, StepTimes>> all = cells.stream().map(cell -> cell.byGroup).toList();
    Set<String> shared = new HashSet<>();
    all.forEach(own -> shared.addAll(own.keySet()));
    all.stream().filter(own -> !own.isEmpty()).forEach(own -> shared.retainAll(own.keySet()));
    List<Optional<TokenTime>> raw = new ArrayList<>();
    for (Map<String, StepTimes> own : all) {
      List<StepTimes> counted =
          own.entrySet().stream()
              .filter(entry -> shared.isEmpty() || shared.contains(entry.getKey()))
              .map(Map.Entry::getValue)
              .toList();
      raw.add(counted.isEmpty() ? Optional.empty() : Optional.of(of(counted, shared.isEmpty())));
    }
    return judged(widened(raw, cells.stream().map(cell -> cell.size).toList()));
  }

  /** Times by measurement; samples with the same context have the same. */
  private static Map<String, StepTimes> groups(CellOutcome cell) {
    Map<String, StepTimes> groups = new LinkedHashMap<>();
    if (cell.error().isEmpty()) {
      for (SampleOutcome sample : cell.samples()) {
        StepTimes times = sample.cache().stepTimes();
        if (times.steps() > 0) {
          groups.put(times.group(), times);
        }
      }
    }
    return groups;
  }

  private static TokenTime of(List<StepTimes> contexts, boolean apart) {
    int steps = contexts.stream().mapToInt(StepTimes::steps).sum();
    double value = contexts.stream().mapToDouble(StepTimes::median).average().orElseThrow();
    double spread =
        contexts.stream()
            .filter(times -> times.turns().size() > 1)
            .mapToDouble(StepTimes::halfRange)
            .average()
            .orElseGet(() -> between(contexts));
    return new TokenTime(
        value,
        spread,
        steps,
        apart
            ? Optional.of(
                PREFIX
                    + "the methods were not measured in turn, since a part is of an earlier run; --fresh measures anew")
            : Optional.empty());
  }

  private static double between(List<StepTimes> contexts) {
    return contexts.size() < 2
        ? Double.NaN
        : new StepTimes(contexts.stream().map(StepTimes::median).toList(), contexts.size(), "")
            .halfRange();
  }

  private static Size size(CellOutcome cell) {
    return new Size(
        cell.cacheMean(CacheFigures::logicalBytes).orElse(Double.NaN),
        cell.cacheMean(CacheFigures::physicalBytes).orElse(Double.NaN));
  }

  private static List<Optional<TokenTime>> widened(
      List<Optional<TokenTime>> raw, List<Size> sizes) {
    List<Optional<TokenTime>> all = new ArrayList<>();
    for (int i = 0; i < raw.size(); i++) {
      List<Double> alike = new ArrayList<>();
      for (int j = 0; j < raw.size(); j++) {
        if (sizes.get(i).equals(sizes.get(j))) {
          raw.get(j).ifPresent(time -> alike.add(time.nanos()));
        }
      }
      all.add(
          raw.get(i)
              .map(
                  time ->
                      time.withSpread(
                          Math.max(
                              time.spread(), new StepTimes(alike, alike.size(), "").halfRange()))));
    }
    return all;
  }

  private TokenTime withSpread(double other) {
    return new TokenTime(nanos, other, steps, leftOut);
  }

  private static List<Optional<TokenTime>> judged(List<Optional<TokenTime>> all) {
    List<Optional<TokenTime>> judged =
        all.stream().map(time -> time.map(TokenTime::judgedAlone)).toList();
    List<TokenTime> shown =
        judged.stream().flatMap(Optional::stream).filter(t -> t.leftOut().isEmpty()).toList();
    if (shown.size() < 2 || shown.stream().anyMatch(a -> shown.stream().anyMatch(a::differs))) {
      return judged;
    }
    return judged.stream()
        .map(
            time ->
                time.map(
                    t -> t.without("no method can be told from another by more than the spread")))
        .toList();
  }

  private TokenTime judgedAlone() {
    if (steps < FEWEST_STEPS || Double.isNaN(spread)) {
      return without("too few steps were timed");
    }
    return spread > MOST_SPREAD * nanos
        ? without(
            "turns of the same work differ by more than half of the figure, as on a busy machine")
        : this;
  }

  private boolean differs(TokenTime other) {
    return Math.abs(nanos - other.nanos) > spread + other.spread;
  }

  private TokenTime without(String reason) {
    return leftOut.isPresent()
        ? this
        : new TokenTime(nanos, spread, steps, Optional.of(PREFIX + reason));
  }
}
