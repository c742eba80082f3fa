package dev.kvpress.compare.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.presses.ModelPress;
import dev.kvpress.presses.spec.PressCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PressMemoryReportTest {
  private static final double MIB = 1 << 20;
  private static final BenchShape SHAPE = ShapePreset.MILLIONS_25.shape();

  private static NaturalMemory nature(String press) {
    ModelPress made = PressCatalog.load().make(press).press();
    return NaturalMemory.of(made, SHAPE, 4096, 256, 1638);
  }

  private static List<Figures> runs(double... peaks) {
    return Arrays.stream(peaks)
        .mapToObj(
            peak ->
                new Figures(
                    Map.of(
                        "peak",
                        peak * MIB,
                        "prefill",
                        peak * MIB,
                        "loaded",
                        200 * MIB,
                        "removed",
                        0.6)))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "knorm, 0, 0",
    // 8 layers, 8 heads, 64 queries, 4,096 tokens.
    "snapkv, 64, '4·L·H·W·S rows, W=64'",
    "tova, 1, '4·L·H·W·S rows, W=1'",
    "h2o, 66, '8·L·H·S sums + 2·4·H·Q·S softmax'",
    "non_causal_attn, 64, '4·L·H·S·D queries'",
    // No query is kept for these.
    "expected_attention, 2, '8·L·H·D·D moments'",
    "cap, 0.03125, '8·L·H·D means'",
    "kvzap, 64, '4·L·S·E hidden states'",
    "key_rerotation(knorm), 12.796875, '4·L·G·K·D turned keys'",
    "merging(knorm), 12.796875, '4·L·G·K·D new values'",
    "adakv(snapkv), 64, '4·L·H·W·S rows, W=64'"
  })
  void whatAPressAsksForIsReckoned(String press, double mib, String formula) {
    assertThat(nature(press).bytes() / MIB).isCloseTo(mib, within(1e-6));
    assertThat(nature(press).formula()).isEqualTo(formula);
  }

  @Test
  void peaksAreHeldAgainstBaseAndNatureTogether() throws IOException {
    PressMemoryReport report = new PressMemoryReport(4096, 256, 0.6, runs(90, 64, 60));
    report.add("knorm", nature("knorm"), runs(80, 79, 500));
    report.add("snapkv", nature("snapkv"), runs(160, 160.1, 170));
    assertThat(report.checks()).extracting(Check::isMet).containsExactly(true, false);
    assertThat(report.checks().get(0).found()).isCloseTo(1.25, within(1e-9));
    assertThat(report.table())
        .contains("| none (fused) | 64.0 | 64.0 |")
        .contains("| `knorm` | 80.0 | 80.0 | 0 | 0.0 | 1.25 | 200 | 0.600 | met |")
        .contains("W=64 | 64.0 | 1.25 | 200 | 0.600 | MISSED |");
    JsonNode json = new ObjectMapper().readTree(report.json());
    assertThat(json.get("without").get("runs")).hasSize(3);
    JsonNode snapkv = json.get("presses").get(1);
    assertThat(snapkv.get("met").asBoolean()).isFalse();
    assertThat(snapkv.at("/by_nature/0/bytes").asLong()).isEqualTo(64L << 20);
    assertThat(snapkv.at("/runs/2/peak").asDouble()).isEqualTo(170 * MIB);
  }

  @Test
  void trainedTensorsAreWrittenOnceForAShape(@TempDir Path folder) throws IOException {
    BenchShape small = new BenchShape(2, 16, 32, 4, 2, 4, 50, 100, true);
    Path file = TrainedTensors.cached(folder, small, 1);
    byte[] first = Files.readAllBytes(file);
    assertThat(TrainedTensors.cached(folder, small, 1)).isEqualTo(file);
    Files.delete(file);
    assertThat(Files.readAllBytes(TrainedTensors.cached(folder, small, 1))).isEqualTo(first);
    assertThat(TrainedTensors.cached(folder, small, 2)).isNotEqualTo(file);
  }
}
