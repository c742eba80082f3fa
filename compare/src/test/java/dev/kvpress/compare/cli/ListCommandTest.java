package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListCommandTest extends AtHome {
  private static JsonNode json(String what) throws Exception {
    Run run = Run.of("list", what, "--format", "json");
    assertThat(run.code()).as(run.err()).isZero();
    return new ObjectMapper().readTree(run.out()).get(what);
  }

  private static JsonNode named(String what, String name) throws Exception {
    for (JsonNode entry : json(what)) {
      if (entry.get("name").asText().equals(name)) {
        return entry;
      }
    }
    throw new AssertionError(what + " has no " + name);
  }

  @Test
  void pressesComeWithParametersSignalsPhasesBudgetAndSource() throws Exception {
    JsonNode h2o = named("presses", "h2o");

    JsonNode window = h2o.at("/parameters/0");
    assertThat(window.get("name").asText()).isEqualTo("local_window_size");
    assertThat(window.get("default").asText()).isEqualTo("512");
    assertThat(window.get("min").asInt()).isZero();
    assertThat(window.get("max").isNull()).isTrue();
    assertThat(h2o.get("signals").toString()).isEqualTo("[\"attention_sums\"]");
    assertThat(h2o.get("phases").toString()).isEqualTo("[\"prefill\",\"decode\"]");
    assertThat(h2o.get("budget").asText()).isEqualTo("exact");
    assertThat(h2o.get("source").asText()).contains("2306.14048");
    assertThat(named("presses", "baseline").get("aliases").toString()).contains("no_press");
  }

  @Test
  void whatAWrapperNeedsIsTakenFromAnExample() throws Exception {
    JsonNode rotated = named("presses", "key_rerotation");

    assertThat(rotated.get("wraps").asBoolean()).isTrue();
    assertThat(rotated.get("example").asText()).isEqualTo("key_rerotation(knorm)");
    assertThat(rotated.get("signals").toString()).isEqualTo("[\"rotary\"]");
  }

  @Test
  void tasksComeWithTheirMetrics() throws Exception {
    assertThat(named("tasks", "perplexity").at("/metrics/0/higher_is_better").asBoolean())
        .isFalse();
    assertThat(named("tasks", "recall").at("/metrics/0/name").asText())
        .isEqualTo("recall_accuracy");
    assertThat(Run.of("list", "tasks").out()).contains("higher is better");
  }

  @Test
  void shapesOfDataComeWithColumnsTasksAndFilesOfTheRepository() throws Exception {
    JsonNode answers = named("datasets", "short-answers");

    assertThat(answers.get("columns").toString()).contains("context", "question", "answer");
    assertThat(answers.get("tasks").toString()).contains("recall");
    assertThat(answers.get("files").toString()).contains("recall.jsonl");
    assertThat(Run.of("list", "datasets").out()).contains("squad", "columns: context, question");
  }

  @Test
  void providersAreTriedAndSayWhyNot() throws Exception {
    assertThat(named("providers", "cpu").get("available").asBoolean()).isTrue();
    JsonNode cuda = named("providers", "cuda");
    assertThat(cuda.get("available").asBoolean()).isEqualTo(cuda.get("reason").isNull());
  }

  @Test
  void unknownThingsAndFormatsAreRefused() {
    assertThat(Run.of("list", "press").err()).contains("did you mean 'presses'?");
    assertThat(Run.of("list", "--format", "yaml").code()).isEqualTo(2);
    assertThat(Run.of("list", "tasks", "--format", "markdown").err())
        .contains("presses and datasets only");
  }

  @ParameterizedTest
  @CsvSource({"presses", "datasets"})
  void readmeHasTheTablesOfTheCatalogues(String what) throws Exception {
    String readme = Files.readString(ROOT.resolve("README.md"));
    Matcher table =
        Pattern.compile("(?s)<!-- %s:begin[^\n]*\n(.*?)<!-- %s:end".formatted(what, what))
            .matcher(readme);

    assertThat(table.find()).as("README.md has no markers for " + what).isTrue();
    assertThat(table.group(1))
        .as("README.md's table of %s is stale; write it anew with: bin/update-readme", what)
        .isEqualTo(Run.of("list", what, "--format", "markdown").out());
  }
}
