package dev.kvpress.compare.task;

import static dev.kvpress.compare.task.DemoModel.mean;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.Maps;
import com.google.common.primitives.Ints;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.metric.official.ScoreColumn;
import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.compare.ruler.RulerTask;
import dev.kvpress.compare.ruler.RulerWording;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.SampleOutcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TasksOnDemoModelTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path cache;
  private static DemoModel model;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    model = new DemoModel(cache);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static TaskOptions options(int maxNewTokens) {
    return new TaskOptions(false, OptionalInt.of(maxNewTokens), 42);
  }

  private Path shortened(String name, int lines, String field, int characters) throws Exception {
    List<String> rows = new ArrayList<>();
    for (String line : Files.readAllLines(DemoModel.data(name)).subList(0, lines)) {
      ObjectNode row = (ObjectNode) JSON.readTree(line);
      String text = row.get(field).asText();
      row.put(field, text.substring(Math.max(0, text.length() - characters)));
      rows.add(row.toString());
    }
    return Files.write(folder.resolve(name), rows);
  }

  @Test
  void qaFindsAnswersThatTheCacheHoldsAndLosesThemWithIt() {
    List<CellOutcome> cells =
        model.run(
            new QaTask(), DemoModel.data("recall.jsonl"), 4, options(8), 0.95, "streaming_llm");
    // The kinds single and multikey, which the model can do.
    assertThat(cells.get(0).samples().get(0).figure(QaTask.STRING_MATCH).orElseThrow().sum())
        .isEqualTo(1);
    assertThat(mean(cells.get(0), QaTask.STRING_MATCH))
        .isGreaterThan(mean(cells.get(1), QaTask.STRING_MATCH));
    SampleOutcome first = cells.get(0).samples().get(0);
    assertThat(first.answer().expected()).containsExactly("otter");
    assertThat(first.answer().text().orElseThrow()).startsWith("otter");
    // What the model goes on with counts against F1 and the exact match, not against a find.
    assertThat(first.figure(QaTask.F1).orElseThrow().sum()).isBetween(0.01, 0.99);
    assertThat(first.figure(QaTask.EXACT_MATCH).orElseThrow().sum()).isZero();
    assertThat(first.answer().tokens()).isEqualTo(8);
  }

  @Test
  void aStopTextEndsASummaryAndIsNotPartOfIt() throws Exception {
    Path file = shortened("summaries.jsonl", 1, "article", 1200);
    String line = Files.readString(file).strip();
    Files.writeString(
        file,
        line
            + "\n"
            + line.substring(0, line.length() - 1)
            + ",\"stop\":[\".\"],\"max_tokens\":40}");
    List<CellOutcome> cells =
        model.run(new SummarizationTask(), file, 2, TaskOptions.DEFAULT, 0.5, "knorm");
    SampleOutcome free = cells.get(0).samples().get(0);
    SampleOutcome stopped = cells.get(0).samples().get(1);
    assertThat(free.answer().tokens()).isEqualTo(64);
    assertThat(free.answer().text().orElseThrow()).contains(".");
    assertThat(stopped.answer().text().orElseThrow()).doesNotContain(".");
    assertThat(free.answer().text().orElseThrow())
        .startsWith(stopped.answer().text().orElseThrow() + ".");
    assertThat(mean(cells.get(0), "rouge1")).isBetween(0.05, 1.0);
    assertThat(mean(cells.get(1), "rougeL")).isBetween(0.0, 1.0);
    // All ways to count in one run; stems never share less.
    assertThat(mean(cells.get(0), "rouge1_stemmed"))
        .isGreaterThanOrEqualTo(mean(cells.get(0), "rouge1"));
    assertThat(mean(cells.get(0), "rougeL_h2o")).isBetween(0.01, 1.0);
  }

  @Test
  void choicesHaveTheLikelihoodThatPerplexityGivesThem() throws Exception {
    Path file = shortened("questions.jsonl", 2, "context", 1500);
    List<CellOutcome> cells =
        model.run(new MultipleChoiceTask(), file, 2, TaskOptions.DEFAULT, 0.9, "random");
    List<String> rows = new ArrayList<>();
    int tokens = 0;
    for (String line : Files.readAllLines(file)) {
      JsonNode row = JSON.readTree(line);
      String prompt = row.get("context").asText() + " " + row.get("question").asText();
      String right = row.get("choices").get(row.get("answer").asInt()).asText();
      int[] ids = model.tokenizer().encode(prompt + " " + right);
      int context = model.tokenizer().encode(prompt).length;
      tokens += ids.length - context;
      // One token of the prompt is left to the continuation, which is then counted off again.
      rows.add(
          "{\"token_ids\": %s, \"context_tokens\": %d}".formatted(Ints.asList(ids), context - 1));
    }
    Path ids = Files.write(folder.resolve("ids.jsonl"), rows);
    List<CellOutcome> reference =
        model.run(new PerplexityTask(), ids, 2, TaskOptions.DEFAULT, 0.9, "random");
    CellOutcome whole = cells.get(0);
    double sum =
        whole.samples().stream()
            .mapToDouble(s -> s.figure(MultipleChoiceTask.CHOICE_NLL).orElseThrow().sum())
            .sum();
    double expected =
        reference.get(0).samples().stream()
            .mapToDouble(s -> s.figure(PerplexityTask.NLL_COMPRESSED).orElseThrow().sum())
            .sum();
    assertThat(sum).isCloseTo(expected, within(1e-3));
    assertThat(mean(whole, MultipleChoiceTask.CHOICE_NLL)).isCloseTo(sum / tokens, within(1e-9));
    assertThat(whole.samples())
        .allMatch(s -> s.answer().text().isPresent() && s.answer().expected().size() == 1);
  }

  @Test
  void theWholeCacheChoosesRight() {
    List<CellOutcome> cells =
        model.run(
            new MultipleChoiceTask(),
            DemoModel.data("questions.jsonl"),
            2,
            TaskOptions.DEFAULT,
            0.95,
            "random");
    assertThat(mean(cells.get(0), MultipleChoiceTask.ACC)).isEqualTo(1);
    assertThat(mean(cells.get(0), MultipleChoiceTask.ACC_NORM)).isEqualTo(1);
    assertThat(mean(cells.get(0), MultipleChoiceTask.CHOICE_NLL))
        .isLessThan(mean(cells.get(1), MultipleChoiceTask.CHOICE_NLL));
  }

  @Test
  void aBarePromptHasALossAndNoAccuracy() throws Exception {
    String story =
        JSON.readTree(Files.readAllLines(DemoModel.data("stories.jsonl")).get(0))
            .get("text")
            .asText();
    Path file =
        Files.writeString(
            folder.resolve("prompts.jsonl"),
            JSON.createObjectNode()
                .put("echo", true)
                .put("model", "x")
                .put("prompt", story.substring(0, 900))
                .toString());
    List<CellOutcome> cells =
        model.run(new MultipleChoiceTask(), file, 1, TaskOptions.DEFAULT, 0.5, "random");
    assertThat(mean(cells.get(0), MultipleChoiceTask.CHOICE_NLL)).isBetween(0.2, 3.0);
    assertThat(cells.get(0).mean(MultipleChoiceTask.ACC)).isEmpty();
    Files.writeString(file, "{\"question\": \"q q q\", \"choices\": [\"a\", \"b\"]}");
    assertThatThrownBy(() -> model.read(new MultipleChoiceTask(), file, 1, TaskOptions.DEFAULT))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("choices (misses answer or gold");
  }

  @Test
  void shotsStandInFrontOfEveryContext() throws Exception {
    Path training =
        Files.writeString(
            folder.resolve("train.jsonl"),
            "{\"question\": \"What does Mira keep? Mira keeps the\", \"choices\": [\"drum\"], \"answer\": 0}");
    TaskOptions shots =
        new TaskOptions(
            false,
            OptionalInt.empty(),
            42,
            TemplateChoice.NONE,
            new TaskOptions.Shots(1, Optional.of(training)),
            TaskOptions.Ruler.DEFAULT,
            TaskOptions.Latency.DEFAULT,
            TaskOptions.Throughput.DEFAULT);
    TaskData data =
        model.read(new MultipleChoiceTask(), DemoModel.data("questions.jsonl"), 2, shots);
    for (Probe probe : data.probes()) {
      assertThat(model.tokenizer().decode(probe.context().toArray()))
          .startsWith(
              "What does Mira keep? Mira keeps the drum\n\nPeople in Thornwick".substring(0, 42));
    }
    assertThatThrownBy(() -> new TaskOptions.Shots(1, Optional.empty()))
        .hasMessageContaining("--shots-from");
  }

  @Test
  void examplesAreNotAskedThemselves() throws Exception {
    Path file = shortened("questions.jsonl", 3, "context", 300);
    TaskOptions shots =
        new TaskOptions(
            false,
            OptionalInt.empty(),
            42,
            TemplateChoice.NONE,
            new TaskOptions.Shots(2, Optional.of(file)),
            TaskOptions.Ruler.DEFAULT,
            TaskOptions.Latency.DEFAULT,
            TaskOptions.Throughput.DEFAULT);
    assertThat(model.read(new MultipleChoiceTask(), file, 9, shots).probes())
        .extracting(Probe::sample)
        .containsExactly(2);
  }

  @Test
  void longBenchRowsHaveTheMeasureOfTheirDataSet() throws Exception {
    ObjectNode row =
        (ObjectNode) JSON.readTree(Files.readAllLines(DemoModel.data("recall.jsonl")).get(0));
    String context = row.get("context").asText();
    ObjectNode asked =
        JSON.createObjectNode()
            .put("context", context.substring(0, 1500))
            .put("input", row.get("question").asText())
            .put("length", 300)
            .put("language", "en")
            .put("dataset", "trec");
    asked.putArray("answers").add("otter");
    asked.putArray("all_classes").add("otter").add("next").add("fox");
    Path file = Files.writeString(folder.resolve("longbench.jsonl"), asked.toString());
    CellOutcome whole = model.run(new QaTask(), file, 1, TaskOptions.DEFAULT, 0.5, "knorm").get(0);
    // "otter. The next …" names two classes.
    assertThat(whole.samples().get(0).answer().text().orElseThrow()).contains("otter", "next");
    assertThat(mean(whole, ScoreColumn.LONGBENCH_SCORE.id())).isEqualTo(0.5);
    assertThat(mean(whole, QaTask.STRING_MATCH)).isEqualTo(1);
  }

  @Test
  void tasksThatGenerateStreamToo() throws Exception {
    for (Task task : List.of(new QaTask(), new MultipleChoiceTask(), new SummarizationTask())) {
      String name =
          task.name().equals("qa")
              ? "recall.jsonl"
              : task.name().equals("summarization") ? "summaries.jsonl" : "questions.jsonl";
      String field = task.name().equals("summarization") ? "article" : "context";
      List<CellOutcome> cells =
          model.run(
              task,
              shortened(name, 1, field, 800),
              1,
              options(4),
              Protocol.STREAMING,
              0.5,
              "h2o(local_window_size=32)");
      assertThat(cells).hasSize(2).allMatch(cell -> cell.error().isEmpty());
      assertThat(cells.get(1).samples().get(0).cache().achievedRatio()).isBetween(0.4, 0.6);
    }
  }

  @Test
  void rulerFindsNeedlesWithTheWholeCache() {
    TaskOptions some =
        new TaskOptions(
            false,
            OptionalInt.empty(),
            42,
            TemplateChoice.NONE,
            TaskOptions.Shots.NONE,
            new TaskOptions.Ruler(
                List.of(600),
                List.of(RulerTask.NIAH_SINGLE_2, RulerTask.NIAH_MULTIKEY_1),
                RulerWording.VILLAGE,
                Optional.empty()),
            TaskOptions.Latency.DEFAULT,
            TaskOptions.Throughput.DEFAULT);
    List<CellOutcome> cells =
        model.run(new RulerSuite(), DemoModel.data("stories.jsonl"), 8, some, 0.97, "random");
    CellOutcome whole = cells.get(0);
    assertThat(whole.samples()).hasSize(8);
    assertThat(whole.count("ruler_niah_single_2")).isEqualTo(4);
    assertThat(whole.count("ruler_niah_multikey_1")).isEqualTo(4);
    assertThat(mean(whole, RulerSuite.RULER_SCORE)).isGreaterThan(0.7);
    assertThat(mean(cells.get(1), RulerSuite.RULER_SCORE))
        .isLessThan(mean(whole, RulerSuite.RULER_SCORE));
  }

  @Test
  void rulerMixesAllTypesAndSaysWhatItLeavesOut() {
    TaskData data =
        model.read(
            new RulerSuite(),
            DemoModel.data("stories.jsonl"),
            Integer.MAX_VALUE,
            TaskOptions.DEFAULT);
    assertThat(data.probes()).hasSize(33);
    assertThat(data.notices())
        .hasSize(2)
        .allMatch(remark -> remark.text().contains("give a file of questions"));
    assertThat(data.probes()).extracting(Probe::sample).doesNotHaveDuplicates();
    assertThat(data.probes()).allMatch(probe -> probe.context().length() <= 1024);
    assertThatThrownBy(
            () ->
                model.read(
                    new RulerSuite(),
                    DemoModel.data("stories.jsonl"),
                    1,
                    new TaskOptions(
                        false,
                        OptionalInt.empty(),
                        42,
                        TemplateChoice.NONE,
                        TaskOptions.Shots.NONE,
                        new TaskOptions.Ruler(
                            List.of(30),
                            List.of(RulerTask.VT),
                            RulerWording.PLAIN,
                            Optional.empty()),
                        TaskOptions.Latency.DEFAULT,
                        TaskOptions.Throughput.DEFAULT)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("vt needs at least");
  }

  @Tag("long")
  @Test
  void latencyMeasuresEveryTokenAndTheCacheThatItLeaves() throws Exception {
    TaskOptions few =
        new TaskOptions(
            false,
            OptionalInt.of(6),
            42,
            TemplateChoice.NONE,
            TaskOptions.Shots.NONE,
            TaskOptions.Ruler.DEFAULT,
            new TaskOptions.Latency(0, 2),
            TaskOptions.Throughput.DEFAULT);
    List<CellOutcome> cells =
        model.run(new LatencyTask(), DemoModel.data("stories.jsonl"), 1, few, 0.75, "knorm", "h2o");
    for (CellOutcome cell : cells) {
      SampleOutcome sample = cell.samples().get(0);
      assertThat(sample.answer().series().get(LatencyTask.TOKEN_MS)).hasSize(5);
      assertThat(sample.answer().series().get(LatencyTask.KV_BYTES)).hasSize(5);
      assertThat(mean(cell, LatencyTask.TTFT_MS)).isGreaterThan(mean(cell, LatencyTask.TPOT_MS));
      assertThat(mean(cell, LatencyTask.TPOT_P90_MS))
          .isGreaterThanOrEqualTo(mean(cell, LatencyTask.TPOT_MS));
      assertThat(mean(cell, LatencyTask.TOKENS_PER_SECOND)).isGreaterThan(1);
      assertThat(sample.cache().prefillNanos() / 1e6)
          .isLessThanOrEqualTo(mean(cell, LatencyTask.TTFT_MS) * 2);
    }
    double whole = mean(cells.get(0), LatencyTask.KV_BYTES_END);
    // 4 layers, 3 heads, keys and values of 32 floats for each token.
    double token = 4 * 3 * 2 * 32 * 4;
    Path stories = DemoModel.data("stories.jsonl");
    int context = model.read(new LatencyTask(), stories, 1, few).probes().get(0).context().length();
    assertThat(whole).isEqualTo((context + 5) * token);
    assertThat(mean(cells.get(1), LatencyTask.KV_BYTES_END))
        .isEqualTo(((int) (context * 0.25) + 5) * token);
  }

  @Test
  void theWholeCacheAgreesWithItself() throws Exception {
    Path file = shortened("stories.jsonl", 2, "text", 1500);
    List<CellOutcome> cells =
        model.run(new AgreementTask(), file, 2, TaskOptions.DEFAULT, 0.3, "knorm", "random");
    assertThat(mean(cells.get(0), AgreementTask.KL)).isZero();
    assertThat(mean(cells.get(0), AgreementTask.TOP1_AGREEMENT)).isEqualTo(1);
    assertThat(mean(cells.get(0), AgreementTask.P_DIFF)).isZero();
    Map<String, Metric> metrics = Maps.uniqueIndex(new AgreementTask().metrics(), Metric::name);
    for (CellOutcome cell : cells.subList(1, 3)) {
      assertThat(mean(cell, AgreementTask.KL)).isBetween(1e-4, 3.0);
      assertThat(mean(cell, AgreementTask.TOP1_AGREEMENT)).isBetween(0.3, 0.999);
      List<String> rising = List.of("kl_median", "kl_p90", "kl_p99", "kl_p999", "kl_max");
      assertThat(rising)
          .extracting(name -> cell.value(Objects.requireNonNull(metrics.get(name))).orElseThrow())
          .isSorted();
      Metric kl = Objects.requireNonNull(metrics.get(AgreementTask.KL));
      assertThat(cell.error(kl).orElseThrow()).isBetween(1e-5, 1.0);
      double rms =
          cell.value(Objects.requireNonNull(metrics.get(AgreementTask.P_DIFF_RMS))).orElseThrow();
      assertThat(rms).isGreaterThan(Math.abs(mean(cell, AgreementTask.P_DIFF))).isLessThan(1);
    }
  }

  @Test
  void theFullCacheIsAskedOnceForAllMethods() throws Exception {
    Path file = shortened("stories.jsonl", 2, "text", 1000);
    FullCounter counted = new FullCounter(new AgreementTask());
    model.run(counted, file, 2, TaskOptions.DEFAULT, 0.3, "knorm", "random");
    assertThat(counted.calls).isEqualTo(2);
  }

  @Test
  void agreementComparesStreamsToo() throws Exception {
    Path file = shortened("stories.jsonl", 1, "text", 1500);
    List<CellOutcome> cells =
        model.run(
            new AgreementTask(),
            file,
            1,
            TaskOptions.DEFAULT,
            Protocol.STREAMING,
            0.5,
            "h2o(local_window_size=32)");
    assertThat(mean(cells.get(0), AgreementTask.KL)).isZero();
    assertThat(mean(cells.get(1), AgreementTask.KL)).isPositive();
  }

  @Test
  void samplesThatDoNotFitAndAnswersThatCannotBeGivenAreCounted() throws Exception {
    String row = "{\"context\": \"%s\", \"question\": \"Who?\", \"answer\": \"%s\"}";
    Path file =
        Files.write(
            folder.resolve("mixed.jsonl"),
            List.of(
                row.formatted("Ida saw the flute.", "Ida"),
                row.formatted("Ida saw the flute. ".repeat(2000), "Ida"),
                row.formatted("Uwe saw the flute.", "Uwe, the coachman of Elmford, and his aunt")));
    TaskData data = model.read(new QaTask(), file, 9, options(4));
    assertThat(data.probes()).extracting(Probe::sample).containsExactly(0, 2);
    assertThat(data.notices()).hasSize(2);
    assertThat(data.notices().get(0).text()).contains("skipped 1 of 3 samples", "first: line 2");
    assertThat(data.notices().get(1).text()).contains("answers of 1 of 3 samples", "first: line 3");
  }

  @Test
  void amongOneChoiceNothingIsChosen() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("one.jsonl"),
            "{\"context\": \"Ida saw the\", \"continuation\": \" flute\", \"gold\": true}");
    CellOutcome cell =
        model.run(new MultipleChoiceTask(), file, 1, TaskOptions.DEFAULT, 0.5).get(0);
    assertThat(cell.mean(MultipleChoiceTask.ACC)).isEmpty();
    assertThat(mean(cell, MultipleChoiceTask.CHOICE_NLL)).isPositive();
  }

  @Tag("long")
  @Test
  void contextsThatAreTooLongArePassedOver() throws Exception {
    Path file = DemoModel.data("recall.jsonl");
    assertThatThrownBy(() -> model.read(new QaTask(), file, 3, options(4096)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("all 99 samples are longer than 4096 tokens")
        .hasMessageContaining("give shorter contexts or a lower --max-new-tokens");
    Path questions = DemoModel.data("questions.jsonl");
    TaskOptions long2 =
        new TaskOptions(
            false,
            OptionalInt.empty(),
            42,
            TemplateChoice.NONE,
            new TaskOptions.Shots(2, Optional.of(questions)),
            TaskOptions.Ruler.DEFAULT,
            TaskOptions.Latency.DEFAULT,
            TaskOptions.Throughput.DEFAULT);
    assertThatThrownBy(() -> model.read(new MultipleChoiceTask(), questions, 3, long2))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("fewer or shorter --shots");
  }
}
