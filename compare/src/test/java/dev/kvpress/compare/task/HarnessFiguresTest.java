package dev.kvpress.compare.task;

import static dev.kvpress.compare.task.DemoModel.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.data.ChoiceQuestion;
import dev.kvpress.compare.data.SampleReader;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.SampleOutcome;
import dev.kvpress.compare.shape.catalog.DataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Prompts, log-likelihoods and judgements of lm-evaluation-harness on the demo model, as {@code
 * test-data/reference/harness/harness.py} has written them down.
 */
class HarnessFiguresTest {
  private static final Path HARNESS =
      Path.of(System.getProperty("kvpress.root"), "test-data/reference/harness");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private static Map<String, List<JsonNode>> figures() throws Exception {
    Map<String, List<JsonNode>> figures = new LinkedHashMap<>();
    for (String line : Files.readAllLines(HARNESS.resolve("figures.jsonl"))) {
      JsonNode figure = JSON.readTree(line);
      figures.computeIfAbsent(figure.get("shape").asText(), key -> new ArrayList<>()).add(figure);
    }
    return figures;
  }

  private static Path file(String shape) {
    return HARNESS.resolve((shape.equals("lm-eval-requests") ? "requests" : shape) + ".jsonl");
  }

  @Test
  void rowsBecomeThePromptsAndContinuationsOfTheHarness() throws Exception {
    for (Map.Entry<String, List<JsonNode>> shape : figures().entrySet()) {
      DataSource source = DataSource.of(file(shape.getKey()), "multiple_choice");
      assertThat(source.shape().card().name()).isEqualTo(shape.getKey());
      try (SampleReader<ChoiceQuestion> reader = source.choices()) {
        for (JsonNode figure : shape.getValue()) {
          ChoiceQuestion question = reader.next().orElseThrow();
          List<List<String>> pairs = new ArrayList<>();
          for (int c = 0; c < question.choices().size(); c++) {
            pairs.add(List.of(question.prompt(c), question.choices().get(c).continuation()));
          }
          List<List<String>> expected = new ArrayList<>();
          figure
              .get("arguments")
              .forEach(pair -> expected.add(List.of(pair.get(0).asText(), pair.get(1).asText())));
          assertThat(pairs).as(shape.getKey()).isEqualTo(expected);
        }
        assertThat(reader.next()).isEmpty();
      }
    }
  }

  @Test
  void everyContinuationHasTheLogLikelihoodOfTheHarness(@TempDir Path cache) throws Exception {
    List<String> requests = new ArrayList<>();
    List<Double> expected = new ArrayList<>();
    for (List<JsonNode> shape : figures().values()) {
      for (JsonNode figure : shape) {
        for (int c = 0; c < figure.get("arguments").size(); c++) {
          ObjectNode request = JSON.createObjectNode();
          request.set("context", figure.at("/arguments/" + c + "/0"));
          request.set("continuation", figure.at("/arguments/" + c + "/1"));
          requests.add(request.toString());
          expected.add(figure.at("/loglikelihoods/" + c).asDouble());
        }
      }
    }
    assertThat(expected).hasSizeGreaterThan(60);
    Path file = Files.write(folder.resolve("requests.jsonl"), requests);
    try (DemoModel model = new DemoModel(cache)) {
      List<SampleOutcome> samples = baseline(model, file, expected.size()).samples();
      assertThat(samples).hasSameSizeAs(expected);
      for (int i = 0; i < samples.size(); i++) {
        Figure loss = samples.get(i).figure(MultipleChoiceTask.CHOICE_NLL).orElseThrow();
        assertThat(-loss.sum()).as(requests.get(i)).isCloseTo(expected.get(i), within(1e-3));
      }
    }
  }

  @Test
  void benchmarksAreJudgedAsTheHarnessJudgesThem(@TempDir Path cache) throws Exception {
    try (DemoModel model = new DemoModel(cache)) {
      for (Map.Entry<String, List<JsonNode>> shape : figures().entrySet()) {
        if (shape.getKey().equals("lm-eval-requests")) {
          continue;
        }
        CellOutcome whole = baseline(model, file(shape.getKey()), shape.getValue().size());
        for (String metric : List.of("acc", "acc_norm", "acc_bytes")) {
          double harness =
              shape.getValue().stream()
                  .mapToDouble(f -> f.get(metric).asDouble())
                  .average()
                  .orElseThrow();
          assertThat(mean(whole, metric)).as(shape.getKey() + " " + metric).isEqualTo(harness);
        }
      }
    }
  }

  private static CellOutcome baseline(DemoModel model, Path file, int samples) {
    return model.run(new MultipleChoiceTask(), file, samples, TaskOptions.DEFAULT, 0.5).get(0);
  }
}
