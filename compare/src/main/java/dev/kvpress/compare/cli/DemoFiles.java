package dev.kvpress.compare.cli;

import dev.kvpress.compare.task.PerplexityTask;
import dev.kvpress.compare.task.RecallTask;
import dev.kvpress.compare.task.Task;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The model and the texts in the repository, with which a fresh machine has something to run. */
final class DemoFiles {
  /** The model, below the repository. */
  static final String MODEL = "test-data/models/demo";

  /** What is asked where neither tasks nor data are given. */
  static final List<Task> TASKS = List.of(new PerplexityTask(), new RecallTask());

  private static final String DATASETS = "test-data/datasets/";

  /** Documents, below the repository. */
  static final String STORIES = DATASETS + "stories.jsonl";

  private static final Map<String, String> OTHERS =
      Map.of(
          "recall", DATASETS + "recall.jsonl",
          "qa", DATASETS + "recall.jsonl",
          "multiple_choice", DATASETS + "questions.jsonl",
          "summarization", DATASETS + "summaries.jsonl",
          "multi_turn", DATASETS + "dialogues.jsonl",
          "multi_request", DATASETS + "dialogues.jsonl");

  private static final String PROGRAM = "bin/compare";

  // bin/compare says where the repository is.
  static final String HOME = "kvpress.home";

  private DemoFiles() {}

  /** What was given, else the repository's own where there is a repository. */
  static Optional<Path> orGiven(
      Values values, String option, @Nullable String given, String demo, String what) {
    String home = System.getProperty(HOME);
    if (given == null && home != null && Files.exists(Path.of(home, demo))) {
      return Optional.of(Path.of(home, demo));
    }
    return values.existing(option, given, what);
  }

  /** The folder of the repository's data; empty where there is no repository. */
  static Optional<Path> datasets() {
    return Optional.ofNullable(System.getProperty(HOME))
        .map(home -> Path.of(home, DATASETS))
        .filter(Files::isDirectory);
  }

  /** What runs compare from the repository; empty where there is no repository. */
  static Optional<Path> program() {
    return Optional.ofNullable(System.getProperty(HOME)).map(home -> Path.of(home, PROGRAM));
  }

  /** The repository's data for a task. */
  static Optional<Path> data(Task task, Values values) {
    return orGiven(values, "--data-path", null, fileOf(task), "a data file");
  }

  private static String fileOf(Task task) {
    return OTHERS.getOrDefault(task.name(), STORIES);
  }

  /** One line on what was taken because nothing was given; empty where both were given. */
  static Optional<String> remark(@Nullable String model, boolean dataGiven, List<Task> tasks) {
    String files =
        tasks.stream().map(DemoFiles::fileOf).distinct().collect(Collectors.joining(", "));
    String taken =
        Stream.of(
                model == null ? "the demo model (" + MODEL + ") since --model is not given" : "",
                dataGiven ? "" : "the demo data (" + files + ") since --data-path is not given")
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(" and "));
    return taken.isEmpty() ? Optional.empty() : Optional.of("taking " + taken);
  }
}
