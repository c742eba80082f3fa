package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Caches in 8, 4 and 2 bits beside whole ones, on the demo model. */
class KvBitsRunTest extends AtHome {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path cache;
  @TempDir Path folder;

  private Run compare(String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--max-samples",
                "2",
                "--cache-dir",
                cache.toString(),
                "--output",
                folder.resolve("out").toString()));
    all.addAll(List.of(more));
    return Run.of(all.toArray(new String[0]));
  }

  private JsonNode cell(String method) throws IOException {
    JsonNode cells = JSON.readTree(folder.resolve("out/results.json").toFile()).path("cells");
    for (JsonNode cell : cells) {
      if (cell.get("method").asText().equals(method)) {
        assertThat(cell.get("error").isNull()).as(cell.toString()).isTrue();
        return cell;
      }
    }
    throw new AssertionError("no cell of " + method + " in " + cells);
  }

  @Test
  void everyMethodRunsWithEachNumberOfBitsBesideItsCacheInFull() throws Exception {
    Run run =
        compare(
            "--methods",
            "knorm",
            "minikv",
            "--compression-ratio",
            "0.5",
            "--tasks",
            "perplexity",
            "--kv-bits",
            "8",
            "4",
            "2");

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode full = cell("baseline");
    assertThat(full.get("kv_bits").isNull()).isTrue();
    // Bits per token of a head of 32, keys and values, their scales and minima in float16.
    double[] shares = {8 + 1, 4 + 1, 2 + 1};
    // 8 and 4 bits as the house promises them; 2 bits cost, but do not break the model.
    double[] most = {0.01, 0.05, 0.5};
    int[] bits = {8, 4, 2};
    long before = Long.MAX_VALUE;
    for (int i = 0; i < bits.length; i++) {
      JsonNode cell = cell("quantized(baseline,bits=%d)".formatted(bits[i]));
      assertThat(cell.get("kv_bits").asInt()).isEqualTo(bits[i]);
      assertThat(cell.get("achieved_ratio").asDouble()).isZero();
      assertThat(cell.get("warnings")).isEmpty();
      assertThat(Math.abs(cell.get("delta_nll").asDouble())).isLessThan(most[i]).isNotZero();
      long bytes = cell.get("kv_bytes_logical").asLong();
      double packed = full.get("kv_bytes_logical").asLong() * shares[i] / 32;
      // 32 to 63 of some 1,700 tokens are in full.
      assertThat(bytes).isBetween((long) packed, (long) (packed * 1.5)).isLessThan(before);
      before = bytes;
      assertThat(cell.get("kv_bytes_physical").asLong()).isGreaterThanOrEqualTo(bytes);
      assertThat(cell("quantized(knorm,bits=%d)".formatted(bits[i])).get("achieved_ratio"))
          .isEqualTo(cell("knorm").get("achieved_ratio"));
    }
    assertThat(cell("minikv").get("kv_bits").asInt()).isEqualTo(2);
    assertThat(run.out()).doesNotContain("quantized(minikv");
    assertThat(run.err()).containsOnlyOnce("--kv-bits: 'minikv' has a format of its own, 2 bits");
    JsonNode cells = JSON.readTree(folder.resolve("out/run.json").toFile()).at("/parameters/cells");
    assertThat(cells.toString()).contains("\"kv_cache\":\"4 bits (group 32, residual 32)\"");
    assertThat(Files.readAllLines(folder.resolve("out/results.csv")).get(0)).contains("kv_bits");
    assertThat(folder.resolve("out/pareto_perplexity_kv_bytes.png")).exists();
  }

  @Test
  void cachesGrowInFewBitsWhileTheyAreStreamed() throws Exception {
    Run run =
        compare(
            "--methods",
            "h2o(hh_size=64,recent_size=64)",
            "--protocol",
            "streaming",
            "--tasks",
            "perplexity",
            "--kv-bits",
            "8",
            "--max-length",
            "400",
            "--chunk-size",
            "8");

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode eight = cell("quantized(h2o(hh_size=64,recent_size=64),bits=8)");
    JsonNode full = cell("h2o(hh_size=64,recent_size=64)");
    assertThat(eight.get("achieved_ratio")).isEqualTo(full.get("achieved_ratio"));
    assertThat(eight.get("nll").asDouble() - full.get("nll").asDouble()).isBetween(-0.02, 0.02);
    assertThat(eight.get("kv_bytes_logical").asLong())
        .isLessThan(full.get("kv_bytes_logical").asLong() * 6 / 10);
  }

  @Test
  void generateKeepsItsCacheInFewBits() {
    String prompt = "In the village";
    Run full = Run.of("generate", "--prompt", prompt, "--cache-dir", cache.toString());
    Run eight =
        Run.of(
            "generate",
            "--prompt",
            prompt,
            "--cache-dir",
            cache.toString(),
            "--kv-bits",
            "8",
            "--kv-residual-length",
            "8",
            "--kv-group-size",
            "8");

    assertThat(full.code()).as(full.err()).isZero();
    assertThat(eight.code()).as(eight.err()).isZero();
    assertThat(eight.out().substring(0, 40)).isEqualTo(full.out().substring(0, 40));
  }

  @Test
  void wrongBitsAreSaidAtOnce() {
    Run run =
        compare(
            "--methods",
            "knorm",
            "--compression-ratio",
            "0.5",
            "--kv-bits",
            "8",
            "3",
            "--kv-group-size",
            "0");

    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--kv-bits: unknown value '3'");
    assertThat(run.err()).contains("--kv-group-size: expected");
    Run large = compare("--methods", "baseline", "--kv-bits", "4", "--kv-group-size", "100000");
    assertThat(large.code()).isEqualTo(ExitCode.USAGE);
    assertThat(large.err())
        .contains("--kv-group-size: expected a whole number of at most 4096, found 100000");
    Run alone = compare("--methods", "baseline", "--kv-residual-length", "8");
    assertThat(alone.err()).contains("--kv-residual-length: expected --kv-bits with it");
    Run two = Run.of("generate", "--prompt", "x", "--kv-bits", "8", "4");
    assertThat(two.code()).isEqualTo(ExitCode.USAGE);
    assertThat(two.err()).contains("--kv-bits: expected one of 8, 4 and 2");
  }

  @Test
  void tasksThatMakeBatchesAreRefusedBeforeAnythingRuns() {
    Run bits =
        compare("--methods", "baseline", "--tasks", "perplexity", "throughput", "--kv-bits", "8");
    assertThat(bits.code()).isEqualTo(ExitCode.USAGE);
    assertThat(bits.err())
        .contains("--tasks throughput: rows of a batch")
        .contains("'quantized(baseline,bits=8)'")
        .contains("leave out --kv-bits");
    Run own = compare("--methods", "minikv", "--tasks", "throughput");
    assertThat(own.code()).isEqualTo(ExitCode.USAGE);
    assertThat(own.err()).contains("--tasks throughput").contains("'minikv'");
    assertThat(folder.resolve("out")).doesNotExist();
  }
}
