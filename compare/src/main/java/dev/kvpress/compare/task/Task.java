package dev.kvpress.compare.task;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A kind of question that tells how much a compressed cache has lost. Stateless. */
public interface Task {
  /** In options and files, snake case. */
  String name();

  /** One line for people: what is asked and of which data. */
  String description();

  /** What is reported; the first stands in the table. */
  List<Metric> metrics();

  /** Protocols under which the question makes sense; all unless a task says otherwise. */
  default Set<Protocol> protocols() {
    return EnumSet.allOf(Protocol.class);
  }

  /**
   * Names of those metrics that single data sets bring along; where all samples have one, it stands
   * in the table instead of the first.
   */
  default Set<String> measuresOfDataSets() {
    return Set.of();
  }

  /** Whether it measures speed and says nothing about what is lost. */
  default boolean measuresSpeed() {
    return false;
  }

  /** Whether compressed caches go on side by side as rows of a batch. */
  default boolean makesBatches() {
    return false;
  }

  /** Whether prompts are written in a model's chat template; otherwise texts stay as they stand. */
  default boolean usesChatTemplate() {
    return false;
  }

  /**
   * Reads the samples of a data file.
   *
   * @throws dev.kvpress.compare.data.DataException naming the line that cannot be used and why
   */
  TaskData read(TaskInput input);
}
