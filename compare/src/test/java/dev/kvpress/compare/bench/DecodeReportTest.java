package dev.kvpress.compare.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.export.weights.WeightFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DecodeReportTest {
  private static final long WEIGHTS = 90_000_000;

  @Test
  void bytesPerSecondAreWeightsAndCacheOverTheStep() {
    // 100 MB in 10 ms are 10 GB/s; the copy does 20.
    String table = report(ShapePreset.MILLIONS_25, 10, 0.1).table();
    assertThat(table.lines().filter(line -> line.startsWith("fused       full")))
        .singleElement()
        .asString()
        .matches("fused +full +10\\.00 +1\\.00 +10\\.0 +9\\.5 +10\\.0 +0\\.50");
    assertThat(table).contains("a plain copy reads and writes 20.0 GB/s");
  }

  @Test
  void aCutCacheIsComparedWithTheFullOne() {
    assertThat(report(ShapePreset.MILLIONS_25, 10, 0.1).table().lines())
        .anyMatch(line -> line.matches("fused +cut +4\\.00 +0\\.40 .*"))
        .anyMatch(line -> line.matches("fused +short +4\\.00 +0\\.40 .*"));
  }

  @Test
  void aCacheOfUnevenHeadsStandsBesideItselfThroughStandardOperators() {
    Map<String, Double> figures = new LinkedHashMap<>();
    List.of("full", "cut", "cut_standard", "short")
        .forEach(
            cache -> {
              figures.put(cache, cache.equals("cut_standard") ? 12.0 : 10.0);
              figures.put(cache + "_outside", 0.01);
              figures.put(cache + "_bytes", 1e7);
              figures.put(cache + "_read", 1e7);
            });
    figures.put("copy", 2e10);
    DecodeReport report =
        new DecodeReport(
            ShapePreset.MILLIONS_25, WEIGHTS, Map.of("fused", List.of(new Figures(figures))));
    assertThat(report.table().lines())
        .anyMatch(line -> line.matches("fused +cut_standard +12\\.00 +1\\.20 .*"));
    assertThat(report.checks()).hasSize(4);
    assertThat(report(ShapePreset.MILLIONS_25, 10, 0.1).table()).doesNotContain("cut_standard");
  }

  @Test
  void aCacheInEightBitsIsHeldAgainstTheFullOne() {
    for (double millis : new double[] {13, 13.1}) {
      Map<String, Double> figures = new LinkedHashMap<>();
      List.of("full", "in_8_bits", "in_2_bits", "cut", "short")
          .forEach(
              cache -> {
                figures.put(cache, cache.startsWith("in_") ? millis : 10.0);
                figures.put(cache + "_outside", 0.01);
                figures.put(cache + "_bytes", 1e7);
                figures.put(cache + "_read", 1e7);
              });
      figures.put("copy", 2e10);
      DecodeReport report =
          new DecodeReport(
              ShapePreset.MILLIONS_25, WEIGHTS, Map.of("fused", List.of(new Figures(figures))));
      assertThat(report.table().lines())
          .anyMatch(line -> line.matches("fused +in_8_bits +13\\.[01]0 +1\\.3[01] .*"))
          .anyMatch(line -> line.startsWith("fused       in_2_bits"));
      assertThat(report.checks().stream().allMatch(Check::isMet)).isEqualTo(millis == 13);
    }
  }

  @Test
  void largerModelsMaySpendLessOutsideTheEngine() {
    assertThat(report(ShapePreset.MILLIONS_25, 10, 0.15).checks()).allMatch(Check::isMet);
    assertThat(report(ShapePreset.MILLIONS_25, 10, 0.16).checks()).noneMatch(Check::isMet);
    assertThat(report(ShapePreset.HALF_BILLION, 10, 0.05).checks()).allMatch(Check::isMet);
    assertThat(report(ShapePreset.HALF_BILLION, 10, 0.06).checks()).noneMatch(Check::isMet);
  }

  @Test
  void aStepReadsAllWeightsButAnUntiedEmbedding() {
    BenchShape tied = ShapePreset.MILLIONS_25.shape();
    assertThat(BenchModel.readBytes(tied, WeightFormat.F32)).isEqualTo(4 * tied.parameters());
    BenchShape untied = ShapePreset.BILLIONS_7.shape().withLayers(1);
    assertThat(BenchModel.readBytes(untied, WeightFormat.F32))
        .isEqualTo(4 * (untied.parameters() - 32_000L * 4096));
    // A byte each and a scale for every 128, or every 32 where no larger block fits.
    assertThat((double) BenchModel.readBytes(tied, WeightFormat.INT8) / tied.parameters())
        .isBetween(1 + 4 / 128.0, 1 + 4 / 32.0);
  }

  @Test
  void theCopyIsMeasured() {
    assertThat(CopySpeed.bytesPerSecond(1)).isBetween(1e8, 1e12);
  }

  private static DecodeReport report(ShapePreset preset, double millis, double outside) {
    Map<String, Double> figures = new LinkedHashMap<>();
    for (String cache : List.of("full", "cut", "short")) {
      figures.put(cache, cache.equals("full") ? millis : 0.4 * millis);
      figures.put(cache + "_outside", outside);
      figures.put(cache + "_bytes", 1e7);
      figures.put(cache + "_read", 1e7);
    }
    figures.put("copy", 2e10);
    return new DecodeReport(preset, WEIGHTS, Map.of("fused", List.of(new Figures(figures))));
  }
}
