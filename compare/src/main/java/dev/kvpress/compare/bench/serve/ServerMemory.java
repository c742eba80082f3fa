package dev.kvpress.compare.bench.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * What a server holds at one moment; figures that nobody tells are empty.
 *
 * @param residentBytes of its process
 * @param heapBytes used on the heap
 * @param committedBytes of the heap that the process has taken, used or not
 * @param directBytes of direct buffers
 * @param threads alive
 */
record ServerMemory(
    OptionalDouble residentBytes,
    OptionalDouble heapBytes,
    OptionalDouble committedBytes,
    OptionalDouble directBytes,
    OptionalDouble threads) {
  private static final int COLLECT_SECONDS = 60;

  /**
   * Reads it from {@code /metrics}, and resident bytes from the system where the process is known.
   */
  static ServerMemory read(CompletionClient client, OptionalLong pid)
      throws IOException, InterruptedException {
    String metrics = client.get("/metrics");
    return new ServerMemory(
        resident(pid),
        sum(metrics, "jvm_memory_used_bytes", "area=\"heap\""),
        sum(metrics, "jvm_memory_committed_bytes", "area=\"heap\""),
        sum(metrics, "jvm_buffer_memory_used_bytes", "id=\"direct\""),
        sum(metrics, "jvm_threads_live_threads", ""));
  }

  /**
   * What is resident beside the heap: graphs, caches, stacks. The heap itself grows with garbage
   * until it is collected, which says nothing of what is held. Too low by what of the heap was
   * never touched, unless all of it was at the start.
   */
  OptionalDouble outsideHeapBytes() {
    return residentBytes.isPresent() && committedBytes.isPresent()
        ? OptionalDouble.of(residentBytes.getAsDouble() - committedBytes.getAsDouble())
        : OptionalDouble.empty();
  }

  /** Lets a known process collect its garbage, so that what is used is what is held. */
  static void collectGarbage(OptionalLong pid) throws IOException, InterruptedException {
    if (pid.isEmpty()) {
      return;
    }
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid.getAsLong()),
                "GC.run")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!jcmd.waitFor(COLLECT_SECONDS, TimeUnit.SECONDS) || jcmd.exitValue() != 0) {
      jcmd.destroyForcibly();
      throw new IOException(
          "process %d did not collect its garbage; is it a Java machine of this user?"
              .formatted(pid.getAsLong()));
    }
  }

  /** Sum of the samples of one metric that have a label; empty where there is none. */
  static OptionalDouble sum(String metrics, String name, String label) {
    double sum = 0;
    boolean found = false;
    for (String line : metrics.split("\n", -1)) {
      boolean named = line.startsWith(name + "{") || line.startsWith(name + " ");
      if (named && line.contains(label)) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1).trim());
        found = true;
      }
    }
    return found ? OptionalDouble.of(sum) : OptionalDouble.empty();
  }

  private static OptionalDouble resident(OptionalLong pid) throws IOException {
    Path status = Path.of("/proc", pid.isEmpty() ? "none" : pid.getAsLong() + "", "status");
    if (!Files.exists(status)) {
      return OptionalDouble.empty();
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1024)
        .findFirst();
  }
}
