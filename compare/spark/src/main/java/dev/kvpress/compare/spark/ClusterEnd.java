package dev.kvpress.compare.spark;

import org.apache.spark.SparkException;

/** Says why there is no cluster, or none any more. */
final class ClusterEnd {
  private static final String STANDALONE = "spark://";

  private ClusterEnd() {}

  /** The first line of a fault. */
  static String reason(Throwable e) {
    String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return message.lines().findFirst().orElse("");
  }

  /** An application that was ended while it was wanted; what failed then may be anything. */
  static String byMaster(String master, Throwable e) {
    return "Spark ended the application at %s%s; look at what its workers have logged about executors that did not start%s"
        .formatted(master, because(e), port(master));
  }

  /** An application that did not begin. */
  static String atStart(String master, Throwable e) {
    String jars = jars(master);
    return jars.isEmpty()
        ? "--master: Spark does not begin with %s%s%s".formatted(master, because(e), port(master))
        : "--master: Spark does not begin with %s: %s; it needs further jars of Spark: --conf spark.jars=%s"
            .formatted(master, reason(e), jars);
  }

  /** A null pointer or a stopped part of Spark tells nothing. */
  private static String because(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SparkException || cause instanceof IllegalArgumentException) {
        return ": " + reason(cause);
      }
    }
    return e instanceof NullPointerException || e instanceof IllegalStateException
        ? ""
        : ": " + reason(e);
  }

  private static String port(String master) {
    return master.startsWith(STANDALONE)
        ? "; check that this is the master's own port (7077 by default), not the one of its pages"
        : "";
  }

  private static String jars(String master) {
    if (master.startsWith("yarn")) {
      return "spark-yarn_2.13.jar,…";
    }
    return master.startsWith("k8s") ? "spark-kubernetes_2.13.jar,…" : "";
  }
}
