package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.testdata.Shared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command on the trained model, from arguments to files. */
class CompareCommandTest {
  @TempDir Path folder;
  private Path model;
  private Path text;

  @BeforeEach
  void findModel() {
    Optional<Path> shared = Shared.find("models/stories260K");
    Optional<Path> stories = Shared.find("text/tinystories_sample.txt");
    assumeTrue(shared.isPresent() && stories.isPresent(), "shared test data is absent");
    model = shared.get();
    text = stories.get();
  }

  private Run on(Path data, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(
        List.of(
            "--model", model.toString(),
            "--data-path", data.toString(),
            "--cache-dir", folder.resolve("cache").toString(),
            "--output", folder.resolve("out").toString()));
    return Run.of(all.toArray(new String[0]));
  }

  private JsonNode cells() throws Exception {
    return new ObjectMapper().readTree(folder.resolve("out/results.json").toFile()).get("cells");
  }

  @Test
  void addsTheBaselineRunsOwnBudgetsOnceAndWritesAllFiles() throws Exception {
    Run run =
        on(
            text,
            "--methods",
            "h2o,dms(knorm,threshold=-4,sliding_window_size=8)",
            "--compression_ratio",
            "0.3",
            "0.6",
            "--h2o_local_window_size",
            "16",
            "--max-samples",
            "2");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(cells()).hasSize(4);
    assertThat(cells().get(0).get("method").asText()).isEqualTo("baseline");
    assertThat(cells().get(1).get("spec").asText()).isEqualTo("h2o(local_window_size=16)");
    assertThat(cells().get(2).get("compression_ratio").asDouble()).isEqualTo(0.6);
    assertThat(cells().get(3).get("compression_ratio").isNull()).isTrue();
    assertThat(run.out()).contains("| baseline").contains("| h2o");
    assertThat(Files.readAllLines(folder.resolve("out/samples.jsonl"))).hasSize(8);
    assertThat(folder.resolve("out/results.csv")).isNotEmptyFile();
    assertThat(folder.resolve("out/run.json")).content().contains("content_hash", "sha256");
  }

  @Test
  void aRatioOfZeroIsTheBaseline() throws Exception {
    Run run = on(text, "--methods", "knorm", "--compression-ratio", "0", "--max-samples", "1");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(cells().get(1).get("nll").asDouble())
        .isEqualTo(cells().get(0).get("nll").asDouble());
  }

  @Test
  void aMethodTypedTwiceRunsOnceAndIsSaid() throws Exception {
    Run run =
        on(
            text,
            "--methods",
            "knorm",
            "none",
            "baseline",
            "knorm",
            "--compression-ratio",
            "0.5",
            "--max-samples",
            "1");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(cells()).hasSize(2);
    assertThat(run.err()).contains("'baseline' is the same as 'none'", "'knorm' is the same as");
  }

  @Test
  void badDataEndsInOneLineThatNamesIt() throws Exception {
    Path data =
        Files.writeString(folder.resolve("data.jsonl"), "{\"token_ids\": [1, 2, 3, 4, 512]}\n");

    Run run = on(data, "--methods", "baseline", "--quiet");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors()).hasSize(1);
    assertThat(run.err()).contains("data.jsonl:1").contains("512");
  }

  @Test
  void aLengthBeyondTheModelsPositionsIsRefused() {
    Run run = on(text, "--methods", "baseline", "--max-length", "513", "--quiet");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.errors()).hasSize(1);
    assertThat(run.err()).contains("--max-length").contains("512 positions");
  }

  @Test
  void streamingEvictsAtEveryStep() throws Exception {
    Run run =
        on(
            text,
            "--methods",
            "h2o(hh_size=8,recent_size=8)",
            "--protocol",
            "streaming",
            "--max-length",
            "48",
            "--max-samples",
            "1");

    assertThat(run.code()).as(run.err()).isZero();
    // 36 context tokens, 16 of them kept.
    assertThat(cells().get(1).get("achieved_ratio").asDouble()).isEqualTo(1 - 16 / 36.0);
  }

  @Test
  void generateContinuesTheStory() {
    Run run =
        Run.of(
            "generate",
            "--model",
            model.toString(),
            "--prompt",
            "Once upon a time",
            "--max-new-tokens",
            "12",
            "--cache-dir",
            folder.resolve("cache").toString());

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).startsWith(", there was a little girl named");
  }

  @Test
  void exportWritesAGraphThatComparesLikeTheCheckpoint() throws Exception {
    Path graph = folder.resolve("stories.onnx");

    Run exported = Run.of("export", "--model", model.toString(), "--output", graph.toString());

    assertThat(exported.code()).as(exported.err()).isZero();
    assertThat(nllOfKnorm(graph)).isCloseTo(nllOfKnorm(model), within(1e-5));
  }

  /** Token ids, since no tokenizer lies beside an exported graph. */
  private double nllOfKnorm(Path from) throws Exception {
    Path data =
        Files.writeString(
            folder.resolve("ids.jsonl"),
            "{\"token_ids\": [1, 403, 407, 261, 378, 432, 268, 414]}\n");
    Run run =
        Run.of(
            "--methods", "knorm",
            "--compression-ratio", "0.5",
            "--model", from.toString(),
            "--data-path", data.toString(),
            "--cache-dir", folder.resolve("cache").toString(),
            "--output", folder.resolve("out").toString());
    assertThat(run.code()).as(run.err() + run.out()).isZero();
    return cells().get(1).get("nll").asDouble();
  }
}
