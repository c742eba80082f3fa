package dev.kvpress.compare.spark;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;

/** Settings of Spark for contexts as tasks: those of the user, and what follows from them. */
final class ClusterConf {
  static final String EXECUTOR_CORES = "spark.executor.cores";
  static final String TASK_CORES = "spark.task.cpus";
  private static final String EXECUTOR_GPUS = "spark.executor.resource.gpu.amount";
  private static final String TASK_GPUS = "spark.task.resource.gpu.amount";
  private static final String TRIES = "spark.task.maxFailures";
  private static final int USUAL_TRIES = 4;
  private static final String STANDALONE = "spark://";
  private static final int PATIENCE_MILLIS = 10_000;

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "spark.app.name",
          "kvpress compare",
          // One core, one engine with one thread: right on every cluster, though a model a core.
          EXECUTOR_CORES,
          "1",
          // An executor only hands lines on; the model lies in its worker's memory.
          "spark.executor.memory",
          "512m",
          // Lines of finished contexts are written at once, so their sum is nobody's burden.
          "spark.driver.maxResultSize",
          "0",
          "spark.ui.enabled",
          "false",
          "spark.ui.showConsoleProgress",
          "false");

  private ClusterConf() {}

  /**
   * Puts them together.
   *
   * @throws IllegalArgumentException if cores or devices of a task are not those of its executor,
   *     which has one engine
   */
  static SparkConf of(String master, Map<String, String> given) {
    requireAnswer(master);
    SparkConf conf = new SparkConf().setMaster(master);
    given.forEach(conf::set);
    DEFAULTS.forEach(conf::setIfMissing);
    sameForTask(conf, EXECUTOR_CORES, TASK_CORES, "all its cores");
    if (conf.contains(EXECUTOR_GPUS)) {
      sameForTask(conf, EXECUTOR_GPUS, TASK_GPUS, "all its devices");
    }
    return conf;
  }

  private static void sameForTask(SparkConf conf, String executor, String task, String what) {
    String amount = conf.get(executor);
    if (!conf.get(task, amount).equals(amount)) {
      throw new IllegalArgumentException(
          "--conf %s=%s: an executor has one engine, whose tasks take %s; expected %s as %s says, or leave it out"
              .formatted(task, conf.get(task), what, amount, executor));
    }
    conf.set(task, amount);
  }

  /** Spark would try for a minute and then blame the network. */
  private static void requireAnswer(String master) {
    if (!master.startsWith(STANDALONE)) {
      return;
    }
    List<String> masters = List.of(master.substring(STANDALONE.length()).split(",", -1));
    if (masters.stream().noneMatch(ClusterConf::answers)) {
      throw new IllegalArgumentException(
          "--master: expected a Spark master at %s, found nobody who answers there"
              .formatted(master));
    }
  }

  private static boolean answers(String address) {
    int colon = address.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      int port = Integer.parseInt(address.substring(colon + 1));
      socket.connect(
          new InetSocketAddress(address.substring(0, Math.max(0, colon)), port), PATIENCE_MILLIS);
      return true;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }

  /** Threads of each engine. */
  static int threads(SparkConf conf) {
    return conf.getInt(EXECUTOR_CORES, 1);
  }

  /** How often a task is tried. */
  static int tries(SparkConf conf) {
    return conf.getInt(TRIES, USUAL_TRIES);
  }
}
