package dev.kvpress.compare.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrefillReportTest {
  private static final double MIB = 1 << 20;

  @Test
  void medianIsTheMiddleOrTheMeanOfTheTwoInIt() {
    assertThat(Figures.median(new double[] {9, 1, 5})).isEqualTo(5);
    assertThat(Figures.median(new double[] {9, 1, 5, 6})).isEqualTo(5.5);
    assertThatThrownBy(() -> Figures.median(new double[] {})).hasMessage("no runs");
  }

  @Test
  void ratiosAreTakenWithinPairs() {
    // The second pair ran while the machine was ten times slower.
    List<Figures> with = runs(120, 0, 1300, 0, 110, 0);
    List<Figures> without = runs(100, 0, 1000, 0, 100, 0);
    assertThat(Figures.medianRatio(with, without, "ms")).isCloseTo(1.2, within(1e-9));
  }

  @Test
  void aLineOfFiguresComesBack() {
    Figures figures = new Figures(Map.of("ms", 12.25, "peak", 3e9));
    assertThat(Figures.parse(figures.toLine())).isEqualTo(figures);
    assertThatThrownBy(() -> figures.get("loaded")).hasMessageContaining("no figure loaded");
    assertThatThrownBy(() -> Figures.parse(Figures.MARK + " nonsense"))
        .hasMessageContaining("expected name=number, found nonsense");
  }

  @Test
  void excessIsComparedWithFourLayersOfOneChunk() {
    PrefillReport report = new PrefillReport(ShapePreset.MILLIONS_25.shape(), 256);
    report.add(4096, sides(runs(130, 227), runs(100, 100)));
    assertThat(report.checks()).hasSize(2).allMatch(Check::isMet);
    assertThat(report.checks().get(1).limit()).isEqualTo(128);
    assertThat(report.checks().get(1).found()).isCloseTo(127, within(1e-9));
  }

  @Test
  void missesAreNamed() {
    PrefillReport report = new PrefillReport(ShapePreset.MILLIONS_25.shape(), 256);
    report.add(1024, sides(runs(136, 50), runs(100, 17)));
    report.add(2048, sides(runs(100, 120), runs(100, 100)));
    assertThat(report.checks())
        .extracting(Check::isMet)
        .containsExactly(false, false, true, true, false);
    assertThat(report.table())
        .contains("MISSED time with signals / without at 1024 tokens: 1.36 x, at most 1.35")
        .contains("MISSED peak with signals - without at 1024 tokens: 33.00 MiB, at most 32.00")
        .contains("MISSED peak at 2048 / at 1024 tokens: 2.40 x, at most 2.30");
  }

  /** Pairs of milliseconds and peak MiB. */
  private static List<Figures> runs(double... millisAndPeaks) {
    Figures[] runs = new Figures[millisAndPeaks.length / 2];
    Arrays.setAll(
        runs,
        i ->
            new Figures(
                Map.of(
                    "ms",
                    millisAndPeaks[2 * i],
                    "peak",
                    millisAndPeaks[2 * i + 1] * MIB,
                    "loaded",
                    0.0)));
    return List.of(runs);
  }

  private static Map<PrefillSide.Kind, List<Figures>> sides(
      List<Figures> with, List<Figures> without) {
    return Map.of(PrefillSide.Kind.H2O, with, PrefillSide.Kind.NONE, without);
  }
}
