package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;

/**
 * The URL of a cluster, looked at before anything is begun.
 *
 * @param url as typed
 */
record SparkMaster(String url) {
  private static final String STANDALONE = "spark://";
  private static final String LOCAL = "local";
  private static final String YARN = "yarn";
  private static final String KUBERNETES = "k8s://";
  private static final String JARS = "spark.jars=";
  private static final int PATIENCE_MILLIS = 10_000;
  private static final int MOST_PORT = 65_535;

  /** Notes what is wrong with the URL itself. */
  void check(List<String> conf, Problems problems) {
    if (url.isBlank()) {
      problems.add(
          "--master: expected the URL of Spark's master, found nothing; give --master"
              + " spark://HOST:7077");
    } else if (url.equals(LOCAL) || url.startsWith(LOCAL + "[") || url.startsWith(LOCAL + "-")) {
      problems.add(
          "--master: expected a cluster, found '%s'; on one machine take compare --workers"
              .formatted(url));
    } else if (url.equals(YARN) || url.startsWith(KUBERNETES)) {
      String module = url.equals(YARN) ? "spark-yarn_2.13" : "spark-kubernetes_2.13";
      if (conf.stream().noneMatch(one -> one.startsWith(JARS))) {
        problems.add(
            "--master: %s needs jars that are not here: %s of Spark 4.0 and those it needs; give them with --conf spark.jars=JAR,JAR…"
                .formatted(url, module));
      }
    } else if (!isStandalone()) {
      problems.add(
          "--master: expected spark://HOST:PORT (yarn or k8s://URL with further jars), found '%s'"
              .formatted(url));
    }
  }

  private boolean isStandalone() {
    return url.startsWith(STANDALONE) && addresses().stream().allMatch(SparkMaster::isAddress);
  }

  private List<String> addresses() {
    return List.of(url.substring(STANDALONE.length()).split(",", -1));
  }

  private static boolean isAddress(String address) {
    int colon = address.lastIndexOf(':');
    if (colon < 1 || !address.substring(colon + 1).matches("\\d{1,5}")) {
      return false;
    }
    int port = Integer.parseInt(address.substring(colon + 1));
    return port >= 1 && port <= MOST_PORT && address.substring(0, colon).matches("[^/@\\s]+");
  }

  /** Notes that nobody listens there; Spark would try for a minute and then blame the network. */
  void requireAnswer(Problems problems) {
    if (isStandalone() && addresses().stream().noneMatch(SparkMaster::answers)) {
      problems.add(
          "--master: expected a Spark master at %s, found nobody who answers there; start it, or give the URL that its page shows"
              .formatted(url));
    }
  }

  private static boolean answers(String address) {
    int colon = address.lastIndexOf(':');
    String host = address.substring(0, colon).replaceAll("^\\[(.*)]$", "$1");
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(host, Integer.parseInt(address.substring(colon + 1))),
          PATIENCE_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
