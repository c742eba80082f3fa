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

  /** What helps where a context was given up. */
  static final String AGAIN = "the same command does what is missing and nothing else";

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
      String message =
          "no worker was ready in %s; the last: %s%s".formatted(times(), place(), e.getMessage());
      return new String[] {WireLine.fault(message).toString()};
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
                "given up after %s; the last: %s%s; %s"
                    .formatted(times(), place(), e.getMessage(), AGAIN))
            .toString()
      };
    }
  }

  private String times() {
    return tries == 1 ? "1 try" : tries + " tries";
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Where this runs, as the beginning of a line. */
  static String place() {
    return "executor %s on %s: "
        .formatted(
            SparkEnv.get().executorId(), SparkEnv.get().blockManager().blockManagerId().host());
  }
}
