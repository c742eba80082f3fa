package dev.kvpress.compare.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The figures of all prefill runs as a table, and whether the targets are met.
 *
 * <p>Targets: with h2o's signals at most {@value #TIME_RATIO} times the time without any; peak
 * memory above that side's by at most {@value #LAYERS} layers' worth of one chunk's attention; and
 * from one length to its double at most {@value #GROWTH} times the peak.
 */
final class PrefillReport {
  static final double TIME_RATIO = 1.35;
  static final double GROWTH = 2.3;
  static final int LAYERS = 4;
  private static final double MIB = 1 << 20;

  private final BenchShape shape;
  private final int chunk;
  private final List<Length> lengths = new ArrayList<>();

  /** Runs of all sides at one length, pair by pair. */
  record Length(int tokens, Map<PrefillSide.Kind, List<Figures>> runs) {
    List<Figures> of(PrefillSide.Kind kind) {
      return runs.getOrDefault(kind, List.of());
    }
  }

  PrefillReport(BenchShape shape, int chunk) {
    this.shape = shape;
    this.chunk = chunk;
  }

  void add(int tokens, Map<PrefillSide.Kind, List<Figures>> runs) {
    checkArgument(
        runs.containsKey(PrefillSide.Kind.NONE) && runs.containsKey(PrefillSide.Kind.H2O),
        "both sides are needed");
    lengths.add(new Length(tokens, new EnumMap<>(runs)));
  }

  /** All targets that these lengths allow to check. */
  List<Check> checks() {
    List<Check> checks = new ArrayList<>();
    Map<Integer, Double> peaks = new HashMap<>();
    for (Length length : lengths) {
      List<Figures> with = length.of(PrefillSide.Kind.H2O);
      List<Figures> without = length.of(PrefillSide.Kind.NONE);
      String at = " at " + length.tokens() + " tokens";
      checks.add(
          new Check(
              "time with signals / without" + at,
              Figures.medianRatio(with, without, "ms"),
              TIME_RATIO,
              "x"));
      double peak = Figures.median(with, "peak");
      checks.add(
          new Check(
              "peak with signals - without" + at,
              (peak - Figures.median(without, "peak")) / MIB,
              LAYERS * shape.attentionBytes(chunk, length.tokens()) / MIB,
              "MiB"));
      peaks.put(length.tokens(), peak);
      Double half = length.tokens() % 2 == 0 ? peaks.get(length.tokens() / 2) : null;
      if (half != null) {
        checks.add(
            new Check(
                "peak at %d / at %d tokens".formatted(length.tokens(), length.tokens() / 2),
                peak / half,
                GROWTH,
                "x"));
      }
    }
    return checks;
  }

  /** The table for the terminal. */
  String table() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%7s  %-15s %11s %11s %9s %11s %11s%n"
            .formatted(
                "tokens", "signals", "median ms", "fastest ms", "ratio", "peak MiB", "loaded MiB"));
    for (Length length : lengths) {
      length
          .runs()
          .forEach(
              (kind, runs) ->
                  text.append(
                      String.format(
                          Locale.ROOT,
                          "%7d  %-15s %11.0f %11.0f %9.2f %11.1f %11.1f%n",
                          length.tokens(),
                          kind.name().toLowerCase(Locale.ROOT),
                          Figures.median(runs, "ms"),
                          runs.stream().mapToDouble(r -> r.get("ms")).min().orElseThrow(),
                          Figures.medianRatio(runs, length.of(PrefillSide.Kind.NONE), "ms"),
                          Figures.median(runs, "peak") / MIB,
                          Figures.median(runs, "loaded") / MIB)));
    }
    checks().forEach(check -> text.append(check.line()));
    return text.toString();
  }
}
