package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvpress.testdata.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Model folders as people have them: the right figure, or a refusal that names the thing. */
class FolderTrialsTest extends AtHome {
  private static final Path DEMO = ROOT.resolve("test-data/models/demo");
  private static final String WEIGHTS = "model.safetensors";
  private static final String TOKENIZER = "tokenizer.json";

  @TempDir Path folder;
  private Path trial = Path.of("");

  @Test
  void linksOfTheHubsCacheAreFollowed() throws Exception {
    setUp("hub-cache-links");
    Path repository = trial.resolve("models--me--demo");
    demo(TOKENIZER, repository.resolve("blobs/cccc"));
    demo(WEIGHTS, repository.resolve("blobs/bbbb"));
    Path snapshot = repository.resolve("snapshots/0123abc");
    // Copies of a checkout may hold a link's text instead of the link.
    for (String[] link :
        new String[][] {{"model.onnx", "aaaa"}, {"model.onnx_data", "bbbb"}, {TOKENIZER, "cccc"}}) {
      Files.delete(snapshot.resolve(link[0]));
      Files.createSymbolicLink(snapshot.resolve(link[0]), Path.of("../../blobs/" + link[1]));
    }

    assertThat(perplexity(snapshot, "doc.jsonl")).isCloseTo(3.7603, within(1e-3));
    assertThat(perplexity(repository, "doc.jsonl")).isCloseTo(3.7603, within(1e-3));
  }

  @Test
  void theGraphMayLieInAFolderBelowTheTokenizer() throws Exception {
    setUp("graph-in-subfolder");
    Path repository = trial.resolve("repo");
    demo(TOKENIZER, repository.resolve(TOKENIZER));
    demo(WEIGHTS, repository.resolve("onnx/model.onnx_data"));

    for (Path model : List.of(repository, repository.resolve("onnx/model.onnx"))) {
      double found =
          perplexity(model, "story.jsonl", "--max-length", "200", "--context-tokens", "150");
      assertThat(found).as(model.toString()).isCloseTo(3.7603, within(1e-3));
    }
  }

  @Test
  void ofSeveralGraphsThePlainOneIsTakenAndSaid() throws Exception {
    setUp("several-graphs");
    Path variants = trial.resolve("variants");
    demo(TOKENIZER, variants.resolve(TOKENIZER));
    demo(WEIGHTS, variants.resolve("model.onnx_data"));

    Run run = run(variants, "doc.jsonl");

    assertThat(perplexity(run)).isCloseTo(3.7603, within(1e-3));
    assertThat(run.err()).contains("model.onnx", "model_fp16.onnx");
  }

  @Test
  void theBaseOfTheRotaryEmbeddingMayStandInItsScaling() throws Exception {
    setUp("rope-theta-inside");
    Path model = trial.resolve("model");
    demo(TOKENIZER, model.resolve(TOKENIZER));
    demo(WEIGHTS, model.resolve(WEIGHTS));

    assertThat(perplexity(model, "doc.jsonl")).isCloseTo(3.7603, within(1e-3));
  }

  @Test
  void tiedWeightsMayBeStoredUnderTheOutputMatrixOnly() throws Exception {
    setUp("only-lm-head");

    double found = perplexity(trial.resolve("a-only-lm_head"), "aaaa.jsonl");
    assertThat(found).isCloseTo(1.0, within(1e-4));
  }

  @Test
  void vocabularyFilesAreReadAsTheirClassReadsThem() throws Exception {
    setUp("qwen2-vocab-files");

    double found = perplexity(trial.resolve("model"), "doc.jsonl", "--max-samples", "1");
    assertThat(found).isCloseTo(1.1111, within(1e-4));
  }

  /** Copies a trial, so that it can be completed. */
  private void setUp(String name) throws IOException {
    Optional<Path> shared = Shared.find("trials/" + name);
    assumeTrue(shared.isPresent(), "shared test data is absent");
    trial = folder.resolve(name);
    try (Stream<Path> files = Files.walk(shared.get())) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = trial.resolve(shared.get().relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.write(target, Files.readAllBytes(file));
        }
      }
    }
  }

  private static void demo(String name, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    Files.copy(DEMO.resolve(name), target);
  }

  private double perplexity(Path model, String data, String... more) throws IOException {
    return perplexity(run(model, data, more));
  }

  private double perplexity(Run run) throws IOException {
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode results = new ObjectMapper().readTree(folder.resolve("out/results.json").toFile());
    return results.get("cells").get(0).get("perplexity").asDouble();
  }

  private Run run(Path model, String data, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--tasks",
                "perplexity",
                "--methods",
                "baseline",
                "--fresh",
                "--model",
                model.toString(),
                "--data-path",
                trial.resolve(data).toString(),
                "--cache-dir",
                folder.resolve("cache").toString(),
                "--output",
                folder.resolve("out").toString()));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(String[]::new));
  }
}
