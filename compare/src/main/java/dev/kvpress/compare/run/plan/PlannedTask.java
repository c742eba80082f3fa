package dev.kvpress.compare.run.plan;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.task.Task;
import dev.kvpress.compare.task.Tasks;
import dev.kvpress.runtime.Remark;
import java.util.List;

/**
 * A task with its data, as far as reports ask for it.
 *
 * @param place among the tasks of the run, from 0
 * @param task its name
 * @param data name of the data
 * @param shape what the data is and how its columns are read
 * @param samples in all, also where a shard takes a part of them
 * @param notices what is to be said of data and model
 */
public record PlannedTask(
    int place, String task, String data, String shape, int samples, List<Remark> notices) {
  /** Takes a copy. */
  public PlannedTask {
    requireNonNull(task, "task");
    requireNonNull(data, "data");
    requireNonNull(shape, "shape");
    notices = ImmutableList.copyOf(notices);
  }

  /**
   * The task itself.
   *
   * @throws DataException if this version has none of that name
   */
  public Task known() {
    return Tasks.find(task)
        .orElseThrow(
            () ->
                new DataException(
                    "the plan names the task %s, which this version does not know"
                        .formatted(task)));
  }

  /** Task and data, for messages. */
  public String describe() {
    return task + " on " + data;
  }
}
