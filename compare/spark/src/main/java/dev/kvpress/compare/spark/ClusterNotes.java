package dev.kvpress.compare.spark;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
        "no executor yet: the cluster has to have %s free and %s memory in one place (--conf %s, --conf spark.executor.memory)"
            .formatted(
                cores(ClusterConf.threads(conf)),
                conf.get("spark.executor.memory"),
                ClusterConf.EXECUTOR_CORES);
    Thread clock =
        new Thread(
            () -> {
              try {
                TimeUnit.SECONDS.sleep(WAIT_SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              if (notes.executors.isEmpty()) {
                out.say(WireLine.note(waiting));
              }
            },
            "waiting for executors");
    clock.setDaemon(true);
    clock.start();
  }

  @Override
  public void onExecutorAdded(SparkListenerExecutorAdded added) {
    executors.add(added.executorId());
    out.say(
        WireLine.note(
            "Spark: executor %s on %s with %s"
                .formatted(
                    added.executorId(),
                    added.executorInfo().executorHost(),
                    cores(added.executorInfo().totalCores()))));
  }

  private static String cores(int count) {
    return count == 1 ? "1 core" : count + " cores";
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
