package dev.kvpress.compare.run;

import dev.kvpress.compare.run.plan.PlannedTask;
import dev.kvpress.compare.task.Task;
import dev.kvpress.compare.task.TaskData;
import dev.kvpress.runtime.Remark;
import java.util.List;

/**
 * A task with its samples.
 *
 * @param task what is asked
 * @param data name of the data, for reports
 * @param shape what the data is and how its columns are read; part of what results depend on
 * @param samples what it is asked of
 */
public record Assignment(Task task, String data, String shape, TaskData samples) {
  /** The same, of which more is to be said. */
  Assignment with(List<Remark> more) {
    return new Assignment(task, data, shape, samples.with(more));
  }

  /** The same without its samples, for reports. */
  PlannedTask planned(int place) {
    return new PlannedTask(
        place, task.name(), data, shape, samples.probes().size(), samples.notices());
  }

  /** Task and data, for messages. */
  public String describe() {
    return task.name() + " on " + data;
  }
}
