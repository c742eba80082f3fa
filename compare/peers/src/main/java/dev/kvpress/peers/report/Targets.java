package dev.kvpress.peers.report;

import dev.kvpress.compare.bench.Figures;
import dev.kvpress.compare.bench.ShapePreset;
import dev.kvpress.peers.PeerEngine;
import dev.kvpress.peers.PeerFormat;
import dev.kvpress.peers.side.OurSide;
import dev.kvpress.peers.side.PeerClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What is aimed at with half a billion parameters: a token with 8-bit weights in at most {@value
 * #INT8} of the time with float32, with 4-bit weights in at most {@value #INT4}, each in at most
 * {@value #PEER} times what llama.cpp needs; a prefill with h2o's signals in at most {@value
 * #SIGNALS} times what llama.cpp needs for one without. Ratios are medians over rounds.
 */
public final class Targets {
  static final double INT8 = 0.45;
  static final double INT4 = 0.35;
  static final double PEER = 1.15;
  static final double SIGNALS = 1.2;

  private final List<Target> targets = new ArrayList<>();
  private final List<TokenVerdict> verdicts = new ArrayList<>();

  /**
   * One target.
   *
   * @param found the measured ratio; empty where a side has no figures
   * @param limit the most it may be
   */
  record Target(String what, OptionalDouble found, double limit) {
    boolean isMet() {
      return found.isPresent() && found.getAsDouble() <= limit;
    }

    String text() {
      return found.isEmpty()
          ? "NOT MEASURED %s, at most %.2f".formatted(what, limit)
          : "%-6s %s: %.2f, at most %.2f"
              .formatted(isMet() ? "met" : "MISSED", what, found.getAsDouble(), limit);
    }
  }

  /** The targets that the sides which were asked for allow to check. */
  public Targets(List<ShapeResults> all) {
    for (ShapeResults results : all) {
      verdicts.addAll(TokenVerdict.all(results));
      if (results.preset() == ShapePreset.HALF_BILLION) {
        add(results, PeerFormat.INT8, PeerFormat.F32, PeerEngine.OURS, INT8);
        add(results, PeerFormat.INT4, PeerFormat.F32, PeerEngine.OURS, INT4);
        add(results, PeerFormat.INT8, PeerFormat.INT8, PeerEngine.LLAMA_CPP, PEER);
        add(results, PeerFormat.INT4, PeerFormat.INT4, PeerEngine.LLAMA_CPP, PEER);
        for (PeerFormat format : PeerFormat.values()) {
          addPrefill(results, format);
        }
      }
    }
  }

  private void add(
      ShapeResults results, PeerFormat ours, PeerFormat theirs, PeerEngine engine, double limit) {
    results
        .side(PeerEngine.OURS, ours)
        .ifPresent(
            above ->
                results
                    .side(engine, theirs)
                    .ifPresent(
                        below ->
                            targets.add(
                                new Target(
                                    "decode, ours %s / %s %s"
                                        .formatted(
                                            ours.label(), engine.label(), below.formatName()),
                                    ratio(above, PeerClock.DECODE, below, PeerClock.DECODE),
                                    limit))));
  }

  private void addPrefill(ShapeResults results, PeerFormat format) {
    Optional<SideResults> ours = results.side(PeerEngine.OURS, format);
    Optional<SideResults> theirs = results.side(PeerEngine.LLAMA_CPP, format);
    if (ours.isPresent() && theirs.isPresent()) {
      targets.add(
          new Target(
              "prefill, ours %s with h2o's signals / llama.cpp %s"
                  .formatted(format.label(), theirs.get().formatName()),
              ratio(ours.get(), OurSide.PREFILL_H2O, theirs.get(), PeerClock.PREFILL),
              SIGNALS));
    }
  }

  private static OptionalDouble ratio(
      SideResults above, String aboveFigure, SideResults below, String belowFigure) {
    if (!above.isMeasured() || !below.isMeasured()) {
      return OptionalDouble.empty();
    }
    double[] ratios = new double[above.runs().size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = above.runs().get(i).get(aboveFigure) / below.runs().get(i).get(belowFigure);
    }
    return OptionalDouble.of(Figures.median(ratios));
  }

  List<Target> targets() {
    return targets;
  }

  List<TokenVerdict> verdicts() {
    return verdicts;
  }

  /** Whether all are met and all engines computed the same. */
  public boolean areMet() {
    return targets.stream().allMatch(Target::isMet)
        && verdicts.stream().allMatch(TokenVerdict::isSame);
  }
}
