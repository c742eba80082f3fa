package dev.kvpress.compare.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check with the processor on both sides, and what it says where sides differ. */
class GpuCheckTest {
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root"));
  private static final Path MODEL = ROOT.resolve("test-data/models/demo");
  private static final Path TEXT = ROOT.resolve("test-data/datasets/stories.jsonl");

  @TempDir static Path cache;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--model", MODEL.toString(),
                "--text", TEXT.toString(),
                "--cache-dir", cache.toString(),
                "--threads", "1",
                "--runs", "1"));
    arguments.addAll(List.of(more));
    return GpuCheckMain.run(
        arguments.toArray(new String[0]), new PrintWriter(out), new PrintWriter(err));
  }

  @Test
  void theProcessorAgreesWithItself() {
    int code =
        run("--provider", "cpu", "--tokens", "96", "--new-tokens", "4", "--time-tokens", "64");
    assertThat(err.toString()).isEmpty();
    assertThat(out.toString())
        .contains(
            "| `adakv(snapkv(window_size=32))` | 0.0e+00 | 1.0000 | 0.0e+00 | 4 of 4 | agrees |")
        .containsPattern("\\| 64 \\| \\d+\\.\\d\\d \\|")
        .containsPattern("- cpu: .*GroupQueryAttention × \\d+")
        .contains("for the processor: nothing but the computing of shapes")
        .endsWith("Verdict: agrees\n")
        .doesNotContain("DIFFERS");
    assertThat(code).isZero();
  }

  @Test
  void aToleranceThatNothingMeetsIsMissed() {
    assertThat(
            run(
                "--provider",
                "cpu",
                "--tokens",
                "64",
                "--new-tokens",
                "1",
                "--time-tokens",
                "16",
                "--tolerance",
                "-1"))
        .isEqualTo(4);
    assertThat(out.toString()).endsWith("Verdict: **DIFFERS**\n");
  }

  @Test
  void wrongInputIsSaidInALine() {
    assertThat(run("--provider", "cpu", "--tokens", "100000000")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("gpu-check: --text: 100000000 tokens are needed, ")
        .contains("give more text or a smaller --tokens");
    assertThat(run("--provider", "tpu")).isEqualTo(2);
    assertThat(err.toString()).contains("--provider must be cuda or cpu, found tpu");
  }

  @Test
  void trialsAgreeOnlyInAllRespects() {
    assertThat(new Trial("p", 1e-5, 1, 1e-5, 3, 3).agrees(1e-4)).isTrue();
    assertThat(new Trial("p", 1e-3, 1, 1e-5, 3, 3).agrees(1e-4)).isFalse();
    assertThat(new Trial("p", 1e-5, 0.99, 1e-5, 3, 3).agrees(1e-4)).isFalse();
    assertThat(new Trial("p", 1e-5, 1, 1e-3, 3, 3).agrees(1e-4)).isFalse();
    assertThat(new Trial("p", 1e-5, 1, 1e-5, 2, 3).agrees(1e-4)).isFalse();
    assertThat(new Trial("p", Double.NaN, 1, 1e-5, 3, 3).agrees(1e-4)).isFalse();
    assertThat(new Trial("p", 1e-5, 1, Double.NaN, 3, 3).agrees(1e-4)).isFalse();
  }
}
