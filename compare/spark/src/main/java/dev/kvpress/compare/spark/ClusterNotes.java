package dev.kvpress.compare.spark;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/** Says who works, who was lost, and that nobody does. */
final class ClusterNotes extends SparkListener {
  private static final long WAIT_SECONDS = 20;

  private final Set<String> executors = ConcurrentHashMap.newKeySet();
  private final WireOut out;

  private ClusterNotes(WireOut out) {
    this.out = out;
  }

  /** Watches from here on. */
  static void watch(SparkContext spark, SparkConf conf, WireOut out) {
    ClusterNotes notes = new ClusterNotes(out);
    spark.addSparkListener(notes);
    String waiting =
        "no executor yet: the cluster has to have %s free cores and %s memory in one place (--conf %s, --conf spark.executor.memory)"
            .formatted(
                conf.get(ClusterConf.EXECUTOR_CORES),
                conf.get("spark.executor.memory"),
                ClusterConf.EXECUTOR_CORES);
    ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "waiting for executors");
              thread.setDaemon(true);
              return thread;
            });
    clock.schedule(
        () -> {
          if (notes.executors.isEmpty()) {
            out.say(WireLine.note(waiting));
          }
        },
        WAIT_SECONDS,
        TimeUnit.SECONDS);
  }

  @Override
  public void onExecutorAdded(SparkListenerExecutorAdded added) {
    executors.add(added.executorId());
    out.say(
        WireLine.note(
            "Spark: executor %s on %s with %d cores"
                .formatted(
                    added.executorId(),
                    added.executorInfo().executorHost(),
                    added.executorInfo().totalCores())));
  }

  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    executors.remove(removed.executorId());
    out.say(
        WireLine.note(
            "Spark: executor %s is gone (%s); what it had begun is done elsewhere"
                .formatted(
                    removed.executorId(),
                    removed.reason().lines().findFirst().orElse("").strip())));
  }
}
