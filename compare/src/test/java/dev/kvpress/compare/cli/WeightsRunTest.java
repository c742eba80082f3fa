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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Comparisons on weights of fewer bits, and what these cost by themselves. */
@Tag("long")
class WeightsRunTest extends AtHome {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path DEMO = ROOT.resolve("test-data/models/demo");

  /** Nats per token that 8 bits may cost the full cache. */
  private static final double MOST_OF_INT8 = 0.01;

  @TempDir static Path cache;
  @TempDir Path folder;

  private Run compare(String output, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--methods",
                "baseline",
                "knorm",
                "--compression-ratio",
                "0.5",
                "--tasks",
                "perplexity",
                "--max-samples",
                "2",
                "--cache-dir",
                cache.toString(),
                "--output",
                folder.resolve(output).toString()));
    all.addAll(List.of(more));
    return Run.of(all.toArray(new String[0]));
  }

  private JsonNode json(String output, String file) {
    try {
      return JSON.readTree(folder.resolve(output).resolve(file).toFile());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private JsonNode onlyCost(String output) {
    JsonNode costs = json(output, "results.json").path("weights");
    assertThat(costs).hasSize(1);
    return costs.get(0);
  }

  @Test
  void eightBitsCostTheFullCacheNextToNothing() {
    Run run = compare("int8", "--weights", "int8");

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode cost = onlyCost("int8");
    assertThat(cost.get("weights").asText()).isEqualTo("int8");
    assertThat(cost.get("reference").asText()).isEqualTo("f32");
    assertThat(cost.get("samples").asInt()).isEqualTo(2);
    assertThat(Math.abs(cost.get("delta_nll").asDouble())).isLessThan(MOST_OF_INT8).isNotZero();
    assertThat(json("int8", "run.json").at("/model/weights").asText()).isEqualTo("int8");
  }

  @Test
  void theReferenceIsTheFullCacheOfARunOnWideWeights() throws Exception {
    assertThat(compare("int4", "--weights", "int4").code()).isZero();
    assertThat(compare("f32").code()).isZero();

    JsonNode cost = onlyCost("int4");
    JsonNode own = json("int4", "results.json").at("/cells/0");
    JsonNode wide = json("f32", "results.json").at("/cells/0");
    assertThat(own.get("method").asText()).isEqualTo("baseline");
    assertThat(cost.get("perplexity")).isEqualTo(own.get("perplexity"));
    assertThat(cost.get("reference_perplexity")).isEqualTo(wide.get("perplexity"));
    assertThat(cost.get("delta_nll").asDouble())
        .isCloseTo(
            Math.log(own.get("perplexity").asDouble() / wide.get("perplexity").asDouble()),
            within(1e-9));
    // The press is held against the full cache on the same weights, not against the wide one.
    assertThat(own.get("delta_nll").asDouble()).isZero();
    assertThat(json("f32", "results.json").has("weights")).isFalse();
    List<String> csv = Files.readAllLines(folder.resolve("int4/results.csv"));
    assertThat(csv.get(0)).contains("reference_weights", "reference_delta_nll");
    assertThat(csv.get(1)).contains(",int4,f32," + wide.get("perplexity").asText());
    assertThat(csv.get(2)).endsWith(",,,,,,,");
    assertThat(Files.readString(folder.resolve("int4/report.html")))
        .contains("What the weights cost by themselves");
    assertThat(Files.readString(folder.resolve("f32/report.html")))
        .doesNotContain("What the weights cost by themselves");
    Run diff = Run.of("diff", folder.resolve("f32").toString(), folder.resolve("int4").toString());
    assertThat(diff.out() + diff.err()).contains("the runs differ in the weights: f32 and int4");
  }

  @Test
  void theReferenceIsResumedAndPrintedAgain() throws Exception {
    Run first = compare("out", "--weights", "int8");
    List<String> journal = Files.readAllLines(folder.resolve("out/journal.jsonl"));
    assertThat(journal).hasSize(6);
    // As if it had stopped behind the first sample of the reference.
    Files.write(folder.resolve("out/journal.jsonl"), journal.subList(0, 5));
    Run again = compare("out", "--weights", "int8");

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err())
        .contains("compare: resumed 4 of 4", "f32 weights: resumed 1 of 2")
        .doesNotContain("done anew");
    assertThat(Files.readAllLines(folder.resolve("out/journal.jsonl"))).hasSize(6);
    String table = first.out().substring(first.out().indexOf("| weights"));
    assertThat(table).contains("full-cache perplexity", "ΔNLL to f32", "| int8", "| f32 ");
    assertThat(again.out()).endsWith(table);
    assertThat(Run.of("report", folder.resolve("out").toString()).out()).endsWith(table);
  }

  @Test
  void oneLineSaysWhatTheWeightsAre() {
    assertThat(compare("f32", "--dry-run").err())
        .contains("weights: f32 (exact for the checkpoint's float16), 8.1 MiB");
    assertThat(compare("f16", "--dry-run", "--weights", "f16").err())
        .contains("weights: f16 (exact for the checkpoint's float16;", "no products of halves");
    assertThat(compare("int8", "--dry-run", "--weights", "int8").err())
        .contains("weights: int8 (rounded from the checkpoint's float16;", "2.1 MiB");
    assertThat(compare("quiet", "--dry-run", "--quiet").err()).doesNotContain("weights:");
  }

  @Test
  void whatIsExactCostsNothing() {
    Run run = compare("f16", "--weights", "f16");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).doesNotContain("full-cache");
    assertThat(json("f16", "run.json").at("/model/weights").asText()).isEqualTo("f16");
  }

  @Test
  void withoutAReferenceTheReasonStandsInItsPlace() {
    Run run = compare("none", "--weights", "int8", "--reference-weights", "none");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(onlyCost("none").get("missing").asText()).isEqualTo("--reference-weights none");
    assertThat(onlyCost("none").get("delta_nll").isNull()).isTrue();
    assertThat(run.out())
        .contains("what int8 weights cost on stories.jsonl is not known: --reference-weights none");
  }

  @Test
  void aRunWithoutPerplexitySaysWhatWouldTell() {
    Run run =
        Run.of(
            "--methods",
            "baseline",
            "--tasks",
            "recall",
            "--max-samples",
            "1",
            "--weights",
            "int8",
            "--cache-dir",
            cache.toString(),
            "--output",
            folder.resolve("recall").toString());

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("what int8 weights cost by themselves is told by the task");
    assertThat(json("recall", "results.json").has("weights")).isFalse();
  }

  @Test
  void otherWeightsThanWideOnesMayBeTheReference() {
    Run run = compare("int4", "--weights", "int4", "--reference-weights", "int8");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(onlyCost("int4").get("reference").asText()).isEqualTo("int8");
    assertThat(run.out()).contains("ΔNLL to int8");
    Run same = compare("int4", "--weights", "int4", "--reference-weights", "int4");
    assertThat(same.code()).isEqualTo(2);
    assertThat(same.err()).contains("--reference-weights: expected another format");
    Run unknown = compare("int4", "--weights", "int5", "--reference-weights", "int9");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("'int5'", "'int9'", "int4, ", "none");
  }

  @Test
  void aConfigurationFileKnowsThem() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("c.yaml"), "weights: int8\nreference_weights: none\nmax_samples: 1\n");

    Run run = compare("config", "--config", file.toString());

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(onlyCost("config").get("weights").asText()).isEqualTo("int8");
  }

  @Test
  void aGraphHoldsItsWeightsInOneFormat() throws Exception {
    Path graph = folder.resolve("demo8.onnx");
    Run exported =
        Run.of(
            "export",
            "--model",
            DEMO.toString(),
            "--weights",
            "int8",
            "--output",
            graph.toString());
    assertThat(exported.code()).as(exported.err()).isZero();
    assertThat(exported.err()).contains("weights: int8 (rounded from", "2.1 MiB");
    Path data =
        Files.writeString(
            folder.resolve("ids.jsonl"),
            "{\"token_ids\": [5, 403, 407, 261, 378, 432, 268, 414, 9, 11, 12]}\n");
    String[] onGraph = {
      "--model", graph.toString(), "--data-path", data.toString(), "--context-tokens", "6"
    };

    Run plain = compare("graph", onGraph);
    assertThat(plain.code()).as(plain.err()).isZero();
    assertThat(plain.err()).contains("weights: int8, as the graph holds them, ");
    assertThat(onlyCost("graph").get("missing").asText()).contains("a graph holds its weights");
    List<String> asked = new ArrayList<>(List.of(onGraph));
    asked.addAll(List.of("--weights", "int4"));
    Run refused = compare("graph", asked.toArray(new String[0]));
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .contains("demo8.onnx: the weights of this graph are int8, but --weights asks for int4");
    asked.set(asked.size() - 1, "int8");
    assertThat(compare("graph", asked.toArray(new String[0])).code()).isZero();
  }

  @Test
  void otherCommandsSayItToo() {
    Run generated =
        Run.of(
            "generate",
            "--prompt",
            "Once upon a time",
            "--max-new-tokens",
            "2",
            "--weights",
            "int8",
            "--cache-dir",
            cache.toString());
    assertThat(generated.code()).as(generated.err()).isZero();
    assertThat(generated.err()).contains("weights: int8 (rounded");
    Run doctor =
        Run.of(
            "doctor",
            "--model",
            DEMO.toString(),
            "--weights",
            "int8",
            "--cache-dir",
            cache.toString());
    assertThat(doctor.out()).containsPattern("weights +int8 \\(rounded from");
  }
}
