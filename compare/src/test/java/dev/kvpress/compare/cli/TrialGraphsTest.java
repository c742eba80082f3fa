package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Graphs as people have them, beside the checkout; what must come out stands in its table. */
class TrialGraphsTest {
  private static final Path TRIALS =
      Path.of(System.getProperty("kvpress.shared", "../shared"), "trials");
  private static final Path DEMO = Path.of(System.getProperty("kvpress.root"), DemoFiles.MODEL);
  private static final double DEMO_PERPLEXITY = 3.7603;

  @TempDir Path folder;

  /** A trial of our own, where links that were stored as their text are links again. */
  private Path trial(String name) throws IOException {
    Path from = TRIALS.resolve(name);
    Assumptions.assumeTrue(Files.isDirectory(from), "trial absent: " + name);
    Path to = folder.resolve(name);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else if (Files.size(file) < 64 && Files.readString(file).startsWith("../")) {
          Files.createSymbolicLink(copy, Path.of(Files.readString(file).strip()));
        } else {
          Files.write(copy, Files.readAllBytes(file));
        }
      }
    }
    return to;
  }

  private static void weights(Path to) throws IOException {
    Files.copy(DEMO.resolve("model.safetensors"), to);
  }

  private static void tokenizer(Path to) throws IOException {
    Files.copy(DEMO.resolve("tokenizer.json"), to);
  }

  private Run compare(Path model, Path data, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--model",
                model.toString(),
                "--data-path",
                data.toString(),
                "--cache-dir",
                folder.resolve("cache").toString(),
                "--output",
                folder.resolve("out").toString()));
    arguments.addAll(List.of(more));
    return Run.of(arguments.toArray(String[]::new));
  }

  private JsonNode cells(Run run) throws IOException {
    assertThat(run.code()).as(run.err() + run.out()).isZero();
    return new ObjectMapper().readTree(folder.resolve("out/results.json").toFile()).get("cells");
  }

  private double perplexity(Path model, Path data, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--methods", "baseline"));
    arguments.addAll(List.of(more));
    return cells(compare(model, data, arguments.toArray(String[]::new)))
        .get(0)
        .get("perplexity")
        .asDouble();
  }

  @Test
  void linksOfTheHubCacheAreFollowed() throws Exception {
    Path trial = trial("hub-cache-links");
    Path cache = trial.resolve("models--me--demo");
    tokenizer(cache.resolve("blobs/cccc"));
    weights(cache.resolve("blobs/bbbb"));

    assertThat(perplexity(cache.resolve("snapshots/0123abc"), trial.resolve("doc.jsonl")))
        .isCloseTo(DEMO_PERPLEXITY, within(1e-4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"repo", "repo/onnx/model.onnx"})
  void aGraphMayLieBelowItsTokenizer(String model) throws Exception {
    Path trial = trial("graph-in-subfolder");
    tokenizer(trial.resolve("repo/tokenizer.json"));
    weights(trial.resolve("repo/onnx/model.onnx_data"));

    assertThat(
            perplexity(
                trial.resolve(model),
                trial.resolve("story.jsonl"),
                "--max-length",
                "200",
                "--context-tokens",
                "150"))
        .isCloseTo(DEMO_PERPLEXITY, within(1e-4));
  }

  @Test
  void thePlainOneOfSeveralGraphsIsTakenAndSaid() throws Exception {
    Path trial = trial("several-graphs");
    tokenizer(trial.resolve("variants/tokenizer.json"));
    weights(trial.resolve("variants/model.onnx_data"));

    Run run =
        compare(trial.resolve("variants"), trial.resolve("doc.jsonl"), "--methods", "baseline");

    assertThat(cells(run).get(0).get("perplexity").asDouble())
        .isCloseTo(DEMO_PERPLEXITY, within(1e-4));
    assertThat(run.err()).contains("takes model.onnx of 2 graphs", "model_fp16.onnx");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a-past_key_0.onnx", "d-mask-int32.onnx"})
  void otherNamesAndTypesAreUnderstood(String graph) throws Exception {
    Path trial = trial("graph-dialects");
    tokenizer(trial.resolve("tokenizer.json"));
    weights(trial.resolve("model.onnx_data"));

    assertThat(perplexity(trial.resolve(graph), trial.resolve("doc.jsonl")))
        .isCloseTo(DEMO_PERPLEXITY, within(1e-4));
  }

  @Test
  void aGraphWithoutPositionIdsGoesByTruePositions() throws Exception {
    Path trial = trial("no-position-ids");
    tokenizer(trial.resolve("tokenizer.json"));
    weights(trial.resolve("model.onnx_data"));

    assertNll(trial.resolve("model.onnx"), trial.resolve("doc.jsonl"), "streaming_llm", 1.4967);
  }

  @ParameterizedTest
  @CsvSource({
    "baseline, 6.4578, 6.7693, 6.9667",
    "streaming_llm, 6.5937, 6.5981, 7.1162",
  })
  void rotaryInsideAnOperatorGoesByTruePositions(String press, double a, double b, double c)
      throws Exception {
    Path trial = trial("gqa-rotary");

    assertNll(trial.resolve("model.onnx"), trial.resolve("ids.jsonl"), press, a, b, c);
  }

  @ParameterizedTest
  @ValueSource(strings = {"last-logits-only.onnx", "ids32-mask64.onnx", "attention23.onnx"})
  void theSameModelIsTheSameHoweverItWasWritten(String graph) throws Exception {
    Path trial = trial("other-graphs");
    Path model = trial.resolve(graph);
    Path data = trial.resolve("ids.jsonl");

    assertNll(model, data, "baseline", 4.6198, 5.0499, 4.9535);
    assertNll(model, data, "streaming_llm", 4.4657, 4.8220, 5.2138);
    assertNll(model, data, "h2o(local_window_size=8)", 4.4511, 5.3944, 4.9842);
  }

  /** Nats per token behind the cut, sample by sample. */
  private void assertNll(Path model, Path data, String press, double... expected)
      throws IOException {
    String[] what = {"--methods", press, "--compression-ratio", "0.5"};
    cells(compare(model, data, press.equals("baseline") ? Arrays.copyOf(what, 2) : what));
    List<Double> found = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve("out/samples.jsonl"))) {
      JsonNode sample = new ObjectMapper().readTree(line);
      boolean baseline = sample.get("method").asText().equals("baseline");
      if (baseline == press.equals("baseline")) {
        found.add(sample.get("nll_compressed").asDouble());
      }
    }
    assertThat(found).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(found.get(i)).as("%s, sample %d", press, i).isCloseTo(expected[i], within(2e-4));
    }
  }
}
