package dev.kvpress.compare.scale.spark;

import dev.kvpress.compare.scale.worker.WorkerLaunch;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts the process between a comparison and Spark. */
public final class BridgeLaunch implements WorkerLaunch {
  private static final String MAIN = "dev.kvpress.compare.spark.SparkBridge";
  private static final String HOME = "kvpress.home";
  private static final long MEBIBYTE = 1 << 20;

  private final List<String> command;

  /**
   * Prepares.
   *
   * @param worker main class of a worker and its arguments
   */
  public BridgeLaunch(SparkSettings settings, List<String> worker) {
    command = settings.command(MAIN);
    command.addAll(List.of("--master", settings.master()));
    command.addAll(List.of("--class-path", classPath()));
    command.addAll(List.of("--main", worker.get(0)));
    worker.stream().skip(1).forEach(one -> command.addAll(List.of("--argument", one)));
    settings.workerHeap().ifPresent(heap -> option("-Xmx" + Math.max(1, heap / MEBIBYTE) + "m"));
    settings.installed().ifPresent(folder -> command.addAll(List.of("--installed", folder)));
    String home = settings.installed().orElse(System.getProperty(HOME, ""));
    if (!home.isEmpty()) {
      option("-D" + HOME + "=" + home);
    }
  }

  private void option(String option) {
    command.addAll(List.of("--java-option", option));
  }

  /** Of this program; the bridge may be started in another folder. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> !entry.isEmpty())
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Override
  public ProcessBuilder of(int worker) {
    return new ProcessBuilder(command);
  }
}
