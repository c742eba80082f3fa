package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Presses that need weights or trained tensors, on the demo model and through both commands. */
class TrainedTensorsRunTest {
  private static final String DEMO = System.getProperty("kvpress.root") + "/test-data/models/demo";
  private static final String STORIES =
      System.getProperty("kvpress.root") + "/test-data/datasets/stories.jsonl";

  @TempDir Path folder;

  private Run compare(String model, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--model",
                model,
                "--data-path",
                STORIES,
                "--compression-ratio",
                "0.6",
                "--max-samples",
                "1",
                "--max-length",
                "400",
                "--cache-dir",
                folder.resolve("cache").toString(),
                "--output",
                folder.resolve("out").toString()));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(new String[0]));
  }

  private JsonNode cells() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("out/results.json").toFile()).get("cells");
  }

  @Test
  void everyPressOfTheDemoModelRuns() throws IOException {
    Run run =
        compare(
            DEMO,
            "--methods",
            "qfilter",
            "kvzap",
            "dms(kvzap,sliding_window_size=16)",
            "criticalkv(snapkv)",
            "critical_adakv(snapkv)",
            "expected_attention_with_stats",
            "fastkvzip",
            "fastkvzip(layerwise=true)",
            "triattention",
            "duo_attention(head_compression_ratio=0.5,sink_size=4,recent_size=32)");
    assertThat(run.code()).as(run.err() + run.out()).isZero();
    assertThat(cells()).hasSize(11);
    for (JsonNode cell : cells()) {
      if (!cell.get("method").asText().equals("baseline")) {
        assertThat(cell.get("achieved_ratio").asDouble()).as(cell.toString()).isPositive();
      }
    }
  }

  @Test
  void theBudgetCurveOfTheDemoModelShiftsBudgetsBetweenHeads() throws IOException {
    Run run = compare(DEMO, "--methods", "snapkv", "lukv(snapkv)");
    assertThat(run.code()).as(run.err() + run.out()).isZero();
    JsonNode uniform = cells().get(1);
    JsonNode curve = cells().get(2);
    // Rows as long as the longest head of the layer hold more than what is kept.
    assertThat(uniform.get("kv_bytes_physical")).isEqualTo(uniform.get("kv_bytes_logical"));
    assertThat(curve.get("kv_bytes_physical").asLong())
        .isGreaterThan(curve.get("kv_bytes_logical").asLong());
    assertThat(curve.get("achieved_ratio").asDouble())
        .isCloseTo(uniform.get("achieved_ratio").asDouble(), within(0.01));
    assertThat(curve.get("warnings")).isEqualTo(uniform.get("warnings"));
  }

  @Test
  void theGraphBesideTheModelGivesTheFiguresOfTheFolder() throws IOException {
    String[] methods = {"--methods", "baseline", "h2o(local_window_size=32)", "kvzap"};
    assertThat(compare(DEMO, methods).code()).isZero();
    JsonNode ofFolder = cells();
    Run run = compare(DEMO + "/decoder.onnx", methods);
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode ofGraph = cells();
    assertThat(ofGraph).hasSameSizeAs(ofFolder).hasSize(3);
    for (int i = 0; i < 3; i++) {
      assertThat(ofGraph.get(i).get("nll").asDouble())
          .isCloseTo(ofFolder.get(i).get("nll").asDouble(), within(1e-3));
      assertThat(ofGraph.get(i).get("kv_bytes_logical"))
          .isEqualTo(ofFolder.get(i).get("kv_bytes_logical"));
    }
    JsonNode manifest = new ObjectMapper().readTree(folder.resolve("out/run.json").toFile());
    assertThat(manifest.at("/model/name").asText()).isEqualTo("decoder.onnx");
    assertThat(manifest.at("/model/trained_tensors_sha256").size()).isEqualTo(7);
  }

  /** If this fails after a change of the exporter, write the graph anew; the card says how. */
  @Test
  void theShippedGraphIsWhatTheExporterWrites() throws IOException {
    Path copy = Files.createDirectories(folder.resolve("copy"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(Path.of(DEMO, file), copy.resolve(file));
    }
    String graph = copy.resolve("decoder.onnx").toString();
    Run run = Run.of("export", "--model", copy.toString(), "--share-weights", "--output", graph);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Path.of(graph)).hasSameBinaryContentAs(Path.of(DEMO, "decoder.onnx"));
    Run elsewhere =
        Run.of(
            "export",
            "--model",
            copy.toString(),
            "--share-weights",
            "--output",
            folder.resolve("elsewhere.onnx").toString());
    assertThat(elsewhere.code()).isEqualTo(2);
    assertThat(elsewhere.err()).contains("must lie in their folder");
  }

  @Test
  void aSurrogateGivenInTheLayoutOfKvpressIsUsed() {
    String spec = "kvzap(model_type=linear)";
    Run without = compare(DEMO, "--methods", spec);
    assertThat(without.code()).isNotZero();
    assertThat(without.err() + without.out()).contains("kvzap(model_type=mlp)");
    String linear = DEMO + "/presses/kvzap-linear";
    Run run = compare(DEMO, "--methods", spec, "--kvzap_scorer_model", linear);
    assertThat(run.code()).as(run.err() + run.out()).isZero();
    Run generated =
        Run.of(
            "generate",
            "--model",
            DEMO,
            "--prompt",
            "Once upon a time there was a miller who lived by the river.",
            "--press",
            spec,
            "--compression-ratio",
            "0.5",
            "--max-new-tokens",
            "3",
            "--cache-dir",
            folder.resolve("cache").toString(),
            "--kvzap-scorer-model",
            linear);
    assertThat(generated.code()).as(generated.err()).isZero();
    assertThat(generated.err()).contains("50.0 % of its cache removed");
  }

  @Test
  void aModelWithoutTrainedTensorsIsToldWhereToPutThem() throws IOException {
    Path bare = Files.createDirectories(folder.resolve("bare"));
    for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      Files.copy(Path.of(DEMO, file), bare.resolve(file));
    }
    Run refused = compare(bare.toString(), "--methods", "qfilter");
    assertThat(refused.code()).isNotZero();
    assertThat(refused.err() + refused.out())
        .contains("layers.0.q_filters to layers.3.q_filters of shape [G, D] = [3, 32]")
        .contains(bare.resolve("presses").toString());
    Run given = compare(bare.toString(), "--methods", "qfilter", "--auxiliary", DEMO + "/presses");
    assertThat(given.code()).as(given.err() + given.out()).isZero();
    Run missing = compare(bare.toString(), "--methods", "qfilter", "--auxiliary", "no-such-folder");
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err()).contains("--auxiliary: expected a .safetensors file");
  }
}
