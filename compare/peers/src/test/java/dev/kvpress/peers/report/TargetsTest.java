package dev.kvpress.peers.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.bench.Figures;
import dev.kvpress.compare.bench.ShapePreset;
import dev.kvpress.peers.PeerEngine;
import dev.kvpress.peers.PeerFormat;
import dev.kvpress.peers.side.OurSide;
import dev.kvpress.peers.side.PeerClock;
import dev.kvpress.peers.side.Workload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TargetsTest {
  private static final Workload WORK = new Workload(10, 2, 4, 1, 100, 0);

  @Test
  void ratiosAreTakenWithinRounds() {
    // The machine was ten times slower in the second round.
    SideResults ours = side(PeerEngine.OURS, PeerFormat.INT8, 10, 100, 10);
    SideResults theirs = side(PeerEngine.LLAMA_CPP, PeerFormat.INT8, 9, 90, 9);
    Targets targets = new Targets(List.of(results(ours, theirs)));
    assertThat(targets.targets()).extracting(Targets.Target::text).hasSize(2);
    assertThat(targets.targets().get(0).found()).hasValue(10 / 9.0);
    assertThat(targets.areMet()).isTrue();
  }

  @Test
  void aSideThatWasAskedForAndNotMeasuredMissesItsTargets() {
    SideResults theirs = side(PeerEngine.LLAMA_CPP, PeerFormat.INT8);
    theirs.skip("nothing there");
    Targets targets =
        new Targets(List.of(results(side(PeerEngine.OURS, PeerFormat.INT8, 10), theirs)));
    assertThat(targets.areMet()).isFalse();
    assertThat(targets.targets().get(0).text()).startsWith("NOT MEASURED decode, ours int8");
  }

  @Test
  void anEngineThatComputesSomethingElseIsTold() {
    SideResults ours = side(PeerEngine.OURS, PeerFormat.F32, 10);
    SideResults same = side(PeerEngine.LLAMA_CPP, PeerFormat.F32, 10);
    SideResults other = side(PeerEngine.JLAMA, PeerFormat.F32, 10);
    other.runs().set(0, figures(10, 7, 8, 10));
    ShapeResults results = results(ours, same, other);
    assertThat(TokenVerdict.all(results))
        .extracting(TokenVerdict::text)
        .containsExactly(
            "llama.cpp in float32: the same 3 greedy tokens as ours (3 different ones)",
            "jlama in float32: DIFFERS from ours after 2 of 3 greedy tokens: its figures cannot be compared");
    assertThat(new Targets(List.of(results)).areMet()).isFalse();
  }

  @Test
  void theTableShowsMediansRangesAndReasons() {
    SideResults skipped = side(PeerEngine.JLAMA, PeerFormat.INT8);
    skipped.skip("no JDK");
    ShapeResults results = results(side(PeerEngine.OURS, PeerFormat.F32, 3, 1, 2), skipped);
    Targets targets = new Targets(List.of(results));
    assertThat(new PeersTable(List.of(results), targets).text())
        .contains("2.00 (1.00–3.00)")
        .contains("0.5g, jlama INT8: skipped, no JDK");
  }

  private static ShapeResults results(SideResults... sides) {
    return new ShapeResults(ShapePreset.HALF_BILLION, WORK, List.of(sides));
  }

  private static SideResults side(PeerEngine engine, PeerFormat format, double... millis) {
    List<Figures> runs = new ArrayList<>();
    for (double decode : millis) {
      runs.add(figures(decode, 7, 8, 9));
    }
    return new SideResults(engine, format, format.name(), runs);
  }

  private static Figures figures(double decode, int... tokens) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put(PeerClock.PREFILL, 10 * decode);
    figures.put(OurSide.PREFILL_H2O, 10 * decode);
    figures.put(PeerClock.DECODE, decode);
    figures.put(PeerClock.PEAK, 1e6);
    figures.put(PeerClock.PSS, 1e6);
    for (int i = 0; i < tokens.length; i++) {
      figures.put(PeerClock.TOKEN + i, (double) tokens[i]);
    }
    return new Figures(figures);
  }
}
