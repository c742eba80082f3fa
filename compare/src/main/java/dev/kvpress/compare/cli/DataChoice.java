package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.TaskFile;
import dev.kvpress.compare.shape.DataShape;
import dev.kvpress.compare.shape.catalog.DataSource;
import dev.kvpress.compare.shape.catalog.Renaming;
import dev.kvpress.compare.shape.catalog.ShapeFinder;
import dev.kvpress.compare.shape.catalog.Shapes;
import dev.kvpress.compare.task.Task;
import dev.kvpress.compare.task.Tasks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Brings the files of {@code --data-path} and the tasks of {@code --tasks} together. */
final class DataChoice {
  private final ColumnOptions columns;
  private final Renaming renaming;
  private final List<Task> wanted;
  private final Problems problems;
  private final ShapeFinder finder = new ShapeFinder();
  private final Set<TaskFile> chosen = new LinkedHashSet<>();

  /** Files without a task. */
  private final List<List<Path>> plain = new ArrayList<>();

  DataChoice(ColumnOptions columns, List<Task> wanted, Problems problems) {
    this.columns = columns;
    this.renaming = columns.renaming(problems);
    this.wanted = wanted;
    this.problems = problems;
  }

  /** The tasks with their data; what is wrong is noted. */
  List<TaskFile> of(List<String> typed) {
    typed.forEach(this::place);
    if (plain.size() == 1 && !wanted.isEmpty()) {
      // A single file goes to every task: who names both knows what it is for.
      for (Task task : wanted) {
        if (chosen.stream().noneMatch(one -> one.task() == task)) {
          attempt(() -> finder.forTask(plain.get(0), renaming, task.name()), task);
        }
      }
    } else {
      guess();
    }
    return List.copyOf(chosen);
  }

  private void place(String typed) {
    int equals = typed.indexOf('=');
    String name = equals < 1 ? "" : typed.substring(0, equals);
    Optional<Task> task = Tasks.find(name);
    Optional<DataShape> shape = task.isPresent() ? Optional.empty() : Shapes.find(name);
    String path = task.isPresent() || shape.isPresent() ? typed.substring(equals + 1) : typed;
    Optional<List<Path>> files =
        new Values(problems)
            .existing("--data-path", path, "a data file")
            .flatMap(found -> columns.files(found, problems));
    if (files.isEmpty()) {
      return;
    }
    if (task.isPresent()) {
      attempt(() -> finder.forTask(files.get(), renaming, name.strip()), task.get());
    } else if (shape.isPresent()) {
      problems.attempt(() -> finder.as(files.get(), renaming, shape.get())).ifPresent(this::assign);
    } else {
      plain.add(files.get());
    }
  }

  private void guess() {
    Map<List<Path>, DataSource> sources = new LinkedHashMap<>();
    for (List<Path> files : plain) {
      problems
          .attempt(() -> finder.find(files, renaming))
          .ifPresent(source -> sources.put(files, source));
    }
    sources.values().forEach(this::assign);
    for (Task task : wanted) {
      boolean looked = plain.isEmpty() || !sources.isEmpty();
      if (looked && chosen.stream().noneMatch(one -> one.task() == task)) {
        problems.add(
            "--tasks: task %s fits none of the files; give --data-path %s=FILE (%s)"
                .formatted(task.name(), task.name(), task.description()));
      }
    }
  }

  /** To all wanted tasks that it serves; where none is wanted, to its usual one. */
  private void assign(DataSource source) {
    List<String> tasks = source.shape().card().tasks();
    if (wanted.isEmpty()) {
      Tasks.find(tasks.get(0)).ifPresent(task -> chosen.add(new TaskFile(task, source)));
    }
    for (Task task : wanted) {
      if (tasks.contains(task.name())) {
        chosen.add(new TaskFile(task, source));
      }
    }
  }

  private void attempt(Supplier<DataSource> find, Task task) {
    problems.attempt(find).ifPresent(source -> chosen.add(new TaskFile(task, source)));
  }
}
