package dev.kvpress.compare.scale.worker;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts workers as Java machines like this one: the same class path and options, but a share of
 * the heap and of the cores.
 */
public final class WorkerJava implements WorkerLaunch {
  private static final long MEBIBYTE = 1 << 20;

  /** Options of this machine that a worker must not have too. */
  private static final List<String> OWN =
      List.of(
          "-Xmx",
          "-Xms",
          "-XX:MaxHeapSize",
          "-XX:InitialHeapSize",
          "-XX:MaxRAMPercentage",
          "-XX:InitialRAMPercentage",
          "-XX:ActiveProcessorCount",
          "-XX:StartFlightRecording",
          "-XX:OnOutOfMemoryError",
          "-agentlib:",
          "-agentpath:",
          "-javaagent:",
          "-Dcom.sun.management.",
          "-Dkvpress.terminal",
          "-Dkvpress.columns");

  private final List<String> command;
  private final WorkerShare share;

  /**
   * Prepares.
   *
   * @param options of this Java machine
   * @param main class that is started, and its arguments
   */
  public WorkerJava(WorkerShare share, List<String> options, List<String> main) {
    this.share = share;
    this.command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    options.stream()
        .filter(option -> OWN.stream().noneMatch(option::startsWith))
        .forEach(command::add);
    command.add("-Xmx" + share.heapBytes() / MEBIBYTE + "m");
    // Whatever counts cores counts its share: collectors, presses, encoders of weights.
    command.add("-XX:ActiveProcessorCount=" + share.threads());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(main);
  }

  @Override
  public ProcessBuilder of(int worker) {
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    // The engine sends usage data otherwise.
    environment.put("ORT_DISABLE_TELEMETRY", "1");
    share.device(worker).ifPresent(device -> environment.put(CudaDevices.VARIABLE, device));
    return builder;
  }
}
