package dev.kvpress.compare.spark;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import scala.Function2;
import scala.collection.Iterator;

/**
 * A task: one line to the worker of the executor, and what it says to it. The result reaches the
 * driver once, however often Spark has tried.
 *
 * @param plan how a worker is started where there is none
 * @param schedule what all workers must be ready for; empty: the task only opens a worker
 * @param tries how often Spark tries a task
 */
record ContextTask(WorkerPlan plan, String schedule, int tries)
    implements Function2<TaskContext, Iterator<String>, String[]>, Serializable {
  /** The field of a ready line that tells what a worker is ready for. */
  static final String SCHEDULE = "schedule";

  /** A host on which nothing starts fails fastest; without a pause it would get every task. */
  private static final long PAUSE_MILLIS = 3000;

  @Override
  public String[] apply(TaskContext context, Iterator<String> lines) {
    TaskView task = new TaskView(context::isInterrupted, context.resourcesJMap());
    boolean last = context.attemptNumber() + 1 >= tries;
    try {
      if (schedule.isEmpty()) {
        return new String[] {ExecutorWorker.instance().open(plan, task)};
      }
      WireLine line = WireLine.parse(lines.next());
      return attempt(line, task, last);
    } catch (WorkerFailure e) {
      if (!last) {
        if (!e.started()) {
          pause();
        }
        throw e;
      }
      return new String[] {WireLine.fault(place() + e.getMessage()).toString()};
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the task was given up", e);
    }
  }

  private String[] attempt(WireLine line, TaskView task, boolean last) throws InterruptedException {
    try {
      List<String> answer = ExecutorWorker.instance().run(plan, task, line, schedule);
      return answer.toArray(String[]::new);
    } catch (WorkerFailure e) {
      if (!last || !e.started()) {
        throw e;
      }
      return new String[] {
        WireLine.lost(
                line.context(),
                "given up after %d tries; the last: %s%s".formatted(tries, place(), e.getMessage()))
            .toString()
      };
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String place() {
    return "executor %s on %s: "
        .formatted(
            SparkEnv.get().executorId(), SparkEnv.get().blockManager().blockManagerId().host());
  }
}
