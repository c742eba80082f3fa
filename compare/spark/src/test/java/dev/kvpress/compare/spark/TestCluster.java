package dev.kvpress.compare.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * A standalone cluster on loopback: a master and two workers, each a process of its own, out of the
 * jars that Maven has resolved.
 */
final class TestCluster implements AutoCloseable {
  static final Path MODULE = Path.of(System.getProperty("kvpress.root"), "compare", "spark");
  private static final String HOST = "127.0.0.1";
  private static final int SECONDS = 240;

  private final Path folder;
  private final String master;
  private final Process masterProcess;
  private final List<Process> workers = new ArrayList<>();

  /** Starts it; logs and the executors' folders lie in the folder. */
  TestCluster(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    int port = freePort();
    master = "spark://%s:%d".formatted(HOST, port);
    // Spark's own start of executors looks for its jars there.
    Files.createDirectories(home());
    Files.createSymbolicLink(home().resolve("jars"), MODULE.resolve("target/lib"));
    masterProcess =
        start(
            "master",
            "org.apache.spark.deploy.master.Master",
            HOST,
            List.of("--port", String.valueOf(port), "--webui-port", "0"));
    await("the master listens", () -> listens(port));
    addWorker();
    addWorker();
  }

  private Path home() {
    return folder.resolve("home");
  }

  /** The URL of the master. */
  String master() {
    return master;
  }

  /** One worker more, with one core. */
  void addWorker() throws IOException {
    int number = workers.size();
    workers.add(
        start(
            "worker" + number,
            "org.apache.spark.deploy.worker.Worker",
            // Hosts of their own: Spark tries nothing a second time on the host of the first.
            "127.0.0." + (number + 1),
            List.of(
                "--webui-port",
                "0",
                "--cores",
                "1",
                "--memory",
                "1g",
                "--work-dir",
                folder.resolve("work" + number).toString(),
                master)));
  }

  /** Kills a worker with its executors and theirs, as a host that loses power. */
  void kill(int worker) {
    kill(workers.get(worker));
  }

  /** The worker that was added last. */
  int newest() {
    return workers.size() - 1;
  }

  /** The processes below all workers whose command line holds a text. */
  List<ProcessHandle> below(String text) {
    return workers.stream()
        .flatMap(Process::descendants)
        .filter(process -> commandLine(process).contains(text))
        .toList();
  }

  /** The whole of it: Java tells no more than a page, which a class path fills by itself. */
  static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc", String.valueOf(process.pid()), "cmdline"))
          .replace('\0', ' ');
    } catch (IOException e) {
      // It has ended.
      return "";
    }
  }

  private static void kill(Process process) {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
  }

  private Process start(String name, String main, String host, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.addAll(Arrays.asList(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(List.of("-Xmx256m", "-cp", home().resolve("jars") + "/*", main));
    command.addAll(List.of("--host", host));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(folder.resolve(name + ".log").toFile());
    builder.environment().put("SPARK_HOME", home().toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", host);
    return builder.start();
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** Waits for something that has to happen. */
  static void await(String what, BooleanSupplier happened) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!happened.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("after %d s still not so: %s".formatted(SECONDS, what));
      }
      Thread.sleep(50);
    }
  }

  @Override
  public void close() {
    workers.forEach(TestCluster::kill);
    kill(masterProcess);
    try {
      for (Process worker : workers) {
        worker.waitFor();
      }
      masterProcess.waitFor();
      Files.delete(home().resolve("jars"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
