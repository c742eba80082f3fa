package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.presses.kernel.Kernels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
  @TempDir Path folder;

  @Test
  void aSoundMachineEndsWithZero() {
    Run run = Run.of("doctor", "--cache-dir", folder.resolve("cache").toString());

    assertThat(run.code()).as(run.out()).isZero();
    assertThat(run.out())
        .contains("ok java", "ok cpu", "ONNX Runtime", "container limit", "ok cache")
        .containsPattern(
            Kernels.advice()
                .map(advice -> "-- kernels +" + Pattern.quote(advice))
                .orElse("ok kernels +"));
    // Looking must not leave anything behind.
    assertThat(folder.resolve("cache")).doesNotExist();
  }

  @Test
  void aCacheThatCannotBeWrittenIsAFault() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");

    Run below = Run.of("doctor", "--cache-dir", file.resolve("cache").toString());
    Run itself = Run.of("doctor", "--cache-dir", file.toString());

    assertThat(below.code()).isEqualTo(2);
    assertThat(below.out()).contains("!! cache", "--cache-dir", "something is wrong");
    assertThat(itself.code()).isEqualTo(2);
    assertThat(itself.err()).contains("expected a folder, found the file");
  }

  @Test
  void whatAGpuNeedsForAGraphIsKnownWithoutOne() throws Exception {
    JsonNode graph =
        new ObjectMapper()
            .readTree(
                Run.of(
                        "doctor",
                        "--format",
                        "json",
                        "--model",
                        Path.of(
                                System.getProperty("kvpress.root"),
                                "test-data/reference/graphs/einsum.onnx")
                            .toString(),
                        "--cache-dir",
                        folder.resolve("cache").toString())
                    .out())
            .get("graph");
    assertThat(found(graph, "cuda"))
        .isEqualTo("a GPU has kernels for all of its operators; cuDNN is needed for Einsum");
  }

  @Test
  void aModelComesWithItsSignalsAndThePressesItServes() throws Exception {
    Run run =
        Run.of(
            "doctor",
            "--format",
            "json",
            "--model",
            Path.of(System.getProperty("kvpress.root"), DemoFiles.MODEL).toString(),
            "--cache-dir",
            folder.resolve("cache").toString());

    assertThat(run.code()).as(run.out() + run.err()).isZero();
    JsonNode report = new ObjectMapper().readTree(run.out());
    assertThat(report.get("ok").asBoolean()).isTrue();
    assertThat(report.at("/model/0/found").asText()).contains("4 layers", "3 KV heads of size 32");
    assertThat(state(report.get("signals"), "attention_sums")).isEqualTo("ok");
    assertThat(state(report.get("presses"), "h2o")).isEqualTo("ok");
    assertThat(state(report.get("presses"), "key_rerotation")).isEqualTo("ok");
    assertThat(found(report.get("graph"), "cuda"))
        .isEqualTo("a GPU has kernels for all of its operators");
    for (JsonNode press : report.get("presses")) {
      assertThat(press.get("found").asText().isEmpty())
          .as(press.toString())
          .isEqualTo(press.get("state").asText().equals("ok"));
    }
  }

  private JsonNode lookAt(Path model) throws Exception {
    Run run =
        Run.of(
            "doctor",
            "--format",
            "json",
            "--model",
            model.toString(),
            "--cache-dir",
            folder.resolve("cache").toString());
    assertThat(run.code()).as(run.out() + run.err()).isZero();
    return new ObjectMapper().readTree(run.out());
  }

  private static Path graph(String name) {
    return Path.of(System.getProperty("kvpress.root"), "test-data/reference/graphs", name);
  }

  @Test
  void aGraphOfOthersComesWithWhatWasRecognisedInIt() throws Exception {
    JsonNode fused = lookAt(graph("gqa-rotary-packed.onnx"));
    assertThat(found(fused.get("graph"), "form")).contains("of another tool, opset 17", "32 bits");
    assertThat(found(fused.get("graph"), "dialect")).contains("plain");
    assertThat(found(fused.get("graph"), "operator"))
        .isEqualTo(
            "GroupQueryAttention with packed queries, keys and values, rotary inside: written out in standard operators in layers 0 to 1");
    assertThat(found(fused.get("graph"), "attention")).isEqualTo("traced in 2 of 2 layers");
    assertThat(found(fused.get("graph"), "eviction")).contains("cache positions grafted");
    assertThat(state(fused.get("presses"), "h2o")).isEqualTo("ok");

    // Two layers, keys and values, two KV heads of 16 channels in 16 bits.
    assertThat(lookAt(graph("f16.onnx")).at("/model/0/found").asText())
        .contains("a token of cache takes 256 bytes");

    JsonNode stacked = lookAt(graph("contrib-attention.onnx"));
    assertThat(found(stacked.get("graph"), "dialect")).contains("stacked in one tensor");
    assertThat(found(stacked.get("graph"), "operator")).startsWith("Attention: written out");
  }

  @Test
  void whatWasNotRecognisedIsSaidWithTheReason() throws Exception {
    Path tiny =
        Path.of(
            System.getProperty("kvpress.shared", "../shared"),
            "models/tiny-kv-decoder-onnx/decoder.onnx");
    Assumptions.assumeTrue(Files.exists(tiny), "shared data absent");
    JsonNode report = lookAt(tiny);
    assertThat(state(report.get("graph"), "attention")).isEqualTo("absent");
    assertThat(found(report.get("graph"), "attention")).contains("traced in 0 of 2 layers: ");
    assertThat(state(report.get("signals"), "attention_sums")).isEqualTo("absent");
  }

  private static String found(JsonNode checks, String name) {
    for (JsonNode check : checks) {
      if (check.get("name").asText().equals(name)) {
        return check.get("found").asText();
      }
    }
    throw new AssertionError(name + " is not among " + checks);
  }

  @Test
  void whatIsNoModelIsAFault() throws Exception {
    Path file = Files.writeString(folder.resolve("model.onnx"), "no graph");

    Run run =
        Run.of(
            "doctor",
            "--model",
            file.toString(),
            "--cache-dir",
            folder.resolve("cache").toString());

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).contains("!! model", "no ONNX model");
  }

  private static String state(JsonNode checks, String name) {
    for (JsonNode check : checks) {
      if (check.get("name").asText().equals(name)) {
        return check.get("state").asText();
      }
    }
    throw new AssertionError(name + " is not among " + checks);
  }
}
