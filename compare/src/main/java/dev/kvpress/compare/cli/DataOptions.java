package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.TaskFile;
import dev.kvpress.compare.shape.catalog.DataSource;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.compare.task.Task;
import dev.kvpress.compare.task.Tasks;
import dev.kvpress.presses.spec.PressCatalog;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is asked, and of which data. */
final class DataOptions {
  private static final String ALL = "all";

  @Option(
      names = "--tasks",
      paramLabel = "TASK",
      description =
          "What to ask, one or several, or all; see compare list tasks (default: what the data is made for; perplexity and recall for the data of the repository).")
  List<String> tasks = new ArrayList<>();

  @Option(
      names = "--data-path",
      paramLabel = "FILE",
      description =
          "One or several files or data set folders, or TASK=FILE or SHAPE=FILE: JSON lines or list, CSV, Parquet (packed or not), text split at <|endoftext|> lines; see compare list datasets (default: the stories and questions of the repository).")
  List<String> data = new ArrayList<>();

  @Mixin ColumnOptions source = new ColumnOptions();

  @Option(
      names = "--query-aware",
      description = "The question is part of what is compressed (default: it is not known then).")
  boolean queryAware;

  @Option(
      names = "--max-new-tokens",
      paramLabel = "TOKENS",
      description = "Length of generated answers at most (default: as data and task say).")
  @Nullable String maxNewTokens;

  @Option(
      names = "--context-tokens",
      paramLabel = "TOKENS",
      description = "Where the compressed context ends (default: as the data says, else 3/4).")
  @Nullable String contextTokens;

  @Option(
      names = "--max-length",
      paramLabel = "TOKENS",
      description = "Documents are cut to it (default: the model's positions).")
  @Nullable String maxLength;

  @Option(
      names = {"--max-samples", "--limit"},
      paramLabel = "COUNT",
      description = "At most so many samples of each file (default: all).")
  @Nullable String maxSamples;

  /** The tasks, each with a file; empty where something is wrong, which is noted then. */
  List<TaskFile> tasks(Protocol protocol, Problems problems) {
    List<Task> wanted = new ArrayList<>();
    for (String name : new LinkedHashSet<>(Arguments.split(tasks))) {
      if (name.equals(ALL)) {
        wanted.addAll(Tasks.all());
        continue;
      }
      Optional<Task> task = Tasks.find(name);
      task.ifPresent(wanted::add);
      if (task.isEmpty()) {
        problems.add(
            "--tasks: "
                + PressCatalog.unknown("task", name, Tasks.all().stream().map(Task::name).toList())
                    .getMessage());
      }
    }
    List<Task> distinct = wanted.stream().distinct().toList();
    List<TaskFile> chosen =
        data.isEmpty()
            ? demo(distinct, problems)
            : new DataChoice(source, distinct, problems).of(data);
    for (TaskFile one : chosen) {
      if (!one.task().protocols().contains(protocol)) {
        problems.add(
            "--protocol streaming: task %s makes no sense in it; leave it out or take --protocol prefill"
                .formatted(one.task().name()));
      }
    }
    return chosen;
  }

  private static List<TaskFile> demo(List<Task> wanted, Problems problems) {
    List<Task> asked = wanted.isEmpty() ? DemoFiles.TASKS : wanted;
    List<TaskFile> chosen = new ArrayList<>();
    for (Task task : asked) {
      DemoFiles.data(task, new Values(problems))
          .flatMap(file -> problems.attempt(() -> DataSource.of(file, task.name())))
          .ifPresent(source -> chosen.add(new TaskFile(task, source)));
    }
    return chosen;
  }
}
