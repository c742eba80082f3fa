package dev.kvpress.compare.task;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;

/** The one list of tasks. */
public final class Tasks {
  private static final ImmutableList<Task> ALL =
      ImmutableList.of(
          new PerplexityTask(),
          new RecallTask(),
          new QaTask(),
          new SummarizationTask(),
          new MultipleChoiceTask(),
          new RulerSuite(),
          new LatencyTask(),
          new ThroughputTask(),
          new AgreementTask(),
          TurnsTask.conversation(),
          TurnsTask.requests());

  private Tasks() {}

  /** All of them, in the order of reports. */
  public static List<Task> all() {
    return ALL;
  }

  /** Whether the task of a name measures speed and says nothing about what is lost. */
  public static boolean measureSpeed(String name) {
    return find(name).filter(Task::measuresSpeed).isPresent();
  }

  /** The task of a name, hyphens taken as underscores. */
  public static Optional<Task> find(String name) {
    String wanted = name.strip().replace('-', '_');
    return ALL.stream().filter(task -> task.name().equals(wanted)).findFirst();
  }
}
