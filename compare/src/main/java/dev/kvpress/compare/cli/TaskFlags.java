package dev.kvpress.compare.cli;

import com.google.common.collect.Maps;
import dev.kvpress.compare.Problems;
import dev.kvpress.compare.prompt.TemplateChoice;
import dev.kvpress.compare.ruler.RulerTask;
import dev.kvpress.compare.ruler.RulerWording;
import dev.kvpress.compare.task.TaskOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of single tasks. */
final class TaskFlags {
  private static final String QUESTIONS = "test-data/datasets/recall.jsonl";

  @Option(
      names = "--chat-template",
      paramLabel = "NAME",
      description =
          "Chat template of the prompts of qa, recall, ruler and summarization: auto (the model's own, if it has one), none (a line end between question and answer), text (all parts as one text), the name of one of the model's, or a file (default: text with the model and data of the repository, else auto).")
  @Nullable String chatTemplate;

  @Option(
      names = "--shots",
      paramLabel = "COUNT",
      description =
          "Solved examples in front of the prompts of qa, summarization and multiple_choice (default: 0).")
  @Nullable String shots;

  @Option(
      names = "--shots-from",
      paramLabel = "FILE",
      description = "Where the examples are taken from: a file of the task's own kind.")
  @Nullable String shotsFrom;

  @Option(
      names = "--ruler-length",
      paramLabel = "TOKENS",
      description =
          "Tokens of a context with its question in task ruler, one or several (default: 1024).")
  List<String> rulerLengths = new ArrayList<>();

  @Option(
      names = "--ruler-type",
      paramLabel = "TYPE",
      description = "Types of task ruler, one or several, e.g. niah_single_1 vt (default: all).")
  List<String> rulerTypes = new ArrayList<>();

  @Option(
      names = "--ruler-wording",
      paramLabel = "NAME",
      description =
          "plain: English; village: the demo model's language (default: village with the model and data of the repository, else plain).")
  @Nullable String rulerWording;

  @Option(
      names = "--ruler-questions",
      paramLabel = "FILE",
      description = "Questions of types qa_1 and qa_2: context, question, answer.")
  @Nullable String rulerQuestions;

  @Option(
      names = "--repetitions",
      paramLabel = "COUNT",
      description = "Runs of which tasks latency and throughput take medians (default: 3).")
  @Nullable String repetitions;

  @Option(
      names = "--warm-up",
      paramLabel = "COUNT",
      description = "Runs before them that do not count (default: 1).")
  @Nullable String warmUp;

  @Option(
      names = "--batch-sizes",
      paramLabel = "ROWS",
      description =
          "Batches that task throughput measures, one or several (default: powers of two up to 16, or as --cache-budget allows).")
  List<String> batchSizes = new ArrayList<>();

  @Option(
      names = "--cache-budget",
      paramLabel = "BYTES",
      description =
          "What the caches of a batch may take in task throughput, for instance 512m: the largest batch that fits is measured too (default: no budget).")
  @Nullable String cacheBudget;

  /**
   * The options of tasks.
   *
   * @param model the model's path, if it is known
   * @param demo whether model and data are those of the repository
   * @return the defaults where something is wrong, which is noted then
   */
  TaskOptions options(
      Problems problems,
      Optional<Path> model,
      boolean queryAware,
      OptionalInt maxNewTokens,
      long seed,
      boolean demo) {
    Values values = new Values(problems);
    String form =
        chatTemplate != null ? chatTemplate : demo ? TemplateChoice.TEXT : TemplateChoice.AUTO;
    int count = values.integer("--shots", shots, 0).orElse(0);
    Optional<Path> training =
        shotsFrom == null
            ? Optional.empty()
            : values.existing("--shots-from", shotsFrom, "a file of examples");
    int runs =
        values
            .integer("--repetitions", repetitions, 1)
            .orElse(TaskOptions.Latency.DEFAULT.repetitions());
    int before =
        values.integer("--warm-up", warmUp, 0).orElse(TaskOptions.Latency.DEFAULT.warmUp());
    TaskOptions.Ruler ruler = ruler(values, problems, demo);
    Optional<TaskOptions.Shots> examples =
        problems.attempt(
            () -> new TaskOptions.Shots(count, count == 0 ? Optional.empty() : training));
    return new TaskOptions(
        queryAware,
        maxNewTokens,
        seed,
        model.map(path -> TemplateChoice.of(path, form)).orElse(TemplateChoice.NONE),
        examples.orElse(TaskOptions.Shots.NONE),
        ruler,
        new TaskOptions.Latency(before, runs),
        throughput(values, problems));
  }

  private TaskOptions.Throughput throughput(Values values, Problems problems) {
    List<Integer> sizes = new ArrayList<>();
    for (String rows : Arguments.split(batchSizes)) {
      values.integer("--batch-sizes", rows, 1).ifPresent(sizes::add);
    }
    OptionalLong bytes = values.bytes("--cache-budget", cacheBudget);
    return problems
        .attempt(() -> new TaskOptions.Throughput(sizes, bytes))
        .orElse(TaskOptions.Throughput.DEFAULT);
  }

  private TaskOptions.Ruler ruler(Values values, Problems problems, boolean demo) {
    List<Integer> lengths = new ArrayList<>();
    for (String length : Arguments.split(rulerLengths)) {
      values.integer("--ruler-length", length, 1).ifPresent(lengths::add);
    }
    List<RulerTask> types = new ArrayList<>();
    Map<String, RulerTask> known =
        Maps.uniqueIndex(Arrays.asList(RulerTask.values()), RulerTask::id);
    for (String type : Arguments.split(rulerTypes)) {
      values.choice("--ruler-type", type, known).ifPresent(types::add);
    }
    String wording = rulerWording == null ? (demo ? "village" : "plain") : rulerWording;
    Optional<RulerWording> words =
        values.choice(
            "--ruler-wording",
            wording,
            Map.of("plain", RulerWording.PLAIN, "village", RulerWording.VILLAGE));
    Optional<Path> questions =
        rulerQuestions == null && !demo
            ? Optional.empty()
            : DemoFiles.orGiven(
                values, "--ruler-questions", rulerQuestions, QUESTIONS, "a file of questions");
    return new TaskOptions.Ruler(
        lengths.stream().distinct().toList(),
        types.stream().distinct().toList(),
        words.orElse(RulerWording.PLAIN),
        questions);
  }
}
