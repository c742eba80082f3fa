package dev.kvpress.compare.spark;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A bridge as a comparison starts it, with stand-ins for the workers. */
final class BridgeProcess implements AutoCloseable {
  private final Process process;
  private final Path log;
  private final BufferedWriter in;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  BridgeProcess(String master, Path folder, List<String> conf) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(TestCluster.java());
    command.add("@" + TestCluster.MODULE.resolve("target/classes/bridge.options"));
    command.addAll(
        List.of(
            "-cp",
            TestCluster.MODULE.resolve("target/classes")
                + File.pathSeparator
                + TestCluster.MODULE.resolve("target/lib")
                + "/*",
            SparkBridge.class.getName(),
            "--master",
            master,
            "--class-path",
            TestCluster.MODULE.resolve("target/test-classes").toString(),
            "--main",
            StandInWorker.class.getName(),
            "--cache",
            folder.resolve("cache").toString()));
    for (String one : conf) {
      command.addAll(List.of("--conf", one));
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    log = folder.resolve("bridge.log");
    builder.redirectError(log.toFile());
    process = builder.start();
    in = process.outputWriter(StandardCharsets.UTF_8);
    Thread reader = new Thread(this::read);
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      // It was killed.
    }
  }

  /** Opens it for workers that get the arguments. */
  void open(String... arguments) throws IOException {
    send(
        "open {\"arguments\":[%s],\"directory\":\"/\"}"
            .formatted(
                String.join(",", Arrays.stream(arguments).map(a -> '"' + a + '"').toList())));
  }

  /** Hands over a context. */
  void run(int context, String... keys) throws IOException {
    send(
        "run {\"context\":%d,\"keys\":[%s]}"
            .formatted(
                context, String.join(",", Arrays.stream(keys).map(k -> '"' + k + '"').toList())));
  }

  void send(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
  }

  List<String> lines(String kind) {
    return lines.stream().filter(line -> line.startsWith(kind + " ")).toList();
  }

  void await(String kind, int count) throws IOException, InterruptedException {
    try {
      TestCluster.await(
          "%d lines '%s'".formatted(count, kind),
          () -> lines(kind).size() >= count || !process.isAlive());
    } catch (AssertionError e) {
      throw new AssertionError(
          "%s; lines:%n%s%nlog:%n%s"
              .formatted(e.getMessage(), String.join("\n", lines), Files.readString(log)),
          e);
    }
  }

  Process process() {
    return process;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    in.close();
    process.waitFor();
  }
}
