package dev.kvpress.peers.report;

import dev.kvpress.compare.bench.Figures;
import dev.kvpress.peers.side.OurSide;
import dev.kvpress.peers.side.PeerClock;
import java.util.List;
import java.util.stream.DoubleStream;

/** The table for the terminal. */
public final class PeersTable {
  private static final double MIB = 1 << 20;
  private static final String ROW = "%-6s %-10s %-7s %5s %22s %22s %20s %10s %10s%n";

  private final List<ShapeResults> results;
  private final Targets targets;

  /** A table of results with their targets. */
  public PeersTable(List<ShapeResults> results, Targets targets) {
    this.results = List.copyOf(results);
    this.targets = targets;
  }

  /** Medians, smallest and largest values in brackets; then what was skipped, and the targets. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        ROW.formatted(
            "model",
            "engine",
            "weights",
            "runs",
            "prefill ms",
            "with h2o's signals",
            "ms per token",
            "peak MiB",
            "Pss MiB"));
    for (ShapeResults shape : results) {
      shape.sides().stream()
          .filter(SideResults::isMeasured)
          .forEach(side -> text.append(row(shape, side)));
    }
    for (ShapeResults shape : results) {
      for (SideResults side : shape.sides()) {
        side.skipped().ifPresent(reason -> text.append(line(shape, side, "skipped", reason)));
        side.failed().ifPresent(reason -> text.append(line(shape, side, "FAILED", reason)));
      }
      TokenVerdict.all(shape)
          .forEach(
              verdict -> text.append("%s, %s%n".formatted(shape.preset().label(), verdict.text())));
    }
    targets.targets().forEach(target -> text.append(target.text()).append('\n'));
    return text.toString();
  }

  private static String row(ShapeResults shape, SideResults side) {
    List<Figures> runs = side.runs();
    boolean signals = runs.get(0).values().containsKey(OurSide.PREFILL_H2O);
    return ROW.formatted(
        shape.preset().label(),
        side.engine().label(),
        side.formatName(),
        runs.size(),
        range(runs, PeerClock.PREFILL, "%.0f"),
        signals ? range(runs, OurSide.PREFILL_H2O, "%.0f") : "-",
        range(runs, PeerClock.DECODE, "%.2f"),
        "%.0f".formatted(Figures.median(runs, PeerClock.PEAK) / MIB),
        "%.0f".formatted(Figures.median(runs, PeerClock.PSS) / MIB));
  }

  private static String line(ShapeResults shape, SideResults side, String what, String reason) {
    return "%s, %s %s: %s, %s%n"
        .formatted(shape.preset().label(), side.engine().label(), side.formatName(), what, reason);
  }

  private static String range(List<Figures> runs, String figure, String number) {
    DoubleStream values = runs.stream().mapToDouble(run -> run.get(figure));
    double[] sorted = values.sorted().toArray();
    return (number + " (" + number + "–" + number + ")")
        .formatted(Figures.median(sorted), sorted[0], sorted[sorted.length - 1]);
  }
}
