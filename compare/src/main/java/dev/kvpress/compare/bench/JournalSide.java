package dev.kvpress.compare.bench;

import dev.kvpress.compare.ProcessMemory;
import dev.kvpress.compare.report.RenderedReport;
import dev.kvpress.compare.scale.shard.JoinedRun;
import dev.kvpress.compare.scale.shard.Merge;
import dev.kvpress.compare.scale.shard.RunStatus;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Child process: one step on folders of synthetic runs, with its time and its memory. */
final class JournalSide {
  private static final double SECOND = 1e9;

  private JournalSide() {}

  /** Arguments: step, folder of the merge, folders of the shards. */
  public static void main(String[] args) throws IOException {
    Path merged = Path.of(args[1]);
    List<Path> folders = Arrays.stream(args).skip(2).map(Path::of).toList();
    long start = System.nanoTime();
    switch (args[0]) {
      case "status" -> RunStatus.of(folders, System.err::println);
      case "merge" -> {
        try (JoinedRun run = JoinedRun.open(folders, System.err::println)) {
          new Merge(run, System.err::println).into(merged, false);
        }
      }
      case "report" -> RenderedReport.write(merged, System.err::println);
      default -> throw new IllegalArgumentException("no step " + args[0]);
    }
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("seconds", (System.nanoTime() - start) / SECOND);
    figures.put("cpu", cpuNanos() / SECOND);
    figures.put("heap", (double) peakHeap());
    figures.put("resident", (double) ProcessMemory.peakBytes());
    Path page = merged.resolve(RenderedReport.PAGE);
    figures.put("page", Files.exists(page) ? (double) Files.size(page) : 0);
    System.out.println(new Figures(figures).toLine());
  }

  /** Time of all threads of this process. */
  private static long cpuNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : 0;
  }

  /**
   * The most bytes that the pools of the heap have held, garbage that was not yet collected too.
   */
  private static long peakHeap() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .map(MemoryPoolMXBean::getPeakUsage)
        .mapToLong(usage -> usage.getUsed())
        .sum();
  }
}
