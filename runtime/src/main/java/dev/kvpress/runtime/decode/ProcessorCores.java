package dev.kvpress.runtime.decode;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * How many cores this process may use. Java counts hardware threads; two of them that share a core
 * share what multiplies, so products of matrices gain nothing by the second.
 */
final class ProcessorCores {
  private static final Path SYSTEM = Path.of("/sys/devices/system/cpu");
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String ALLOWED = "Cpus_allowed_list:";
  private static final Splitter RANGES = Splitter.on(',').trimResults().omitEmptyStrings();

  /** Looked at once: a process keeps what it has. */
  private static final int COUNT =
      count(Runtime.getRuntime().availableProcessors(), SYSTEM, STATUS);

  private ProcessorCores() {}

  /** At least 1. */
  static int count() {
    return COUNT;
  }

  /**
   * Counts them.
   *
   * @param threads hardware threads that this process may use, as Java counts them: control groups
   *     and affinities are in it
   * @param system what Linux says of its processors, a folder for each hardware thread
   * @param status what it says of this process
   * @return the cores that these threads lie on, or the threads where nobody says
   */
  static int count(int threads, Path system, Path status) {
    Set<String> cores = new HashSet<>();
    try {
      for (int cpu : allowed(status)) {
        Path topology = system.resolve("cpu" + cpu).resolve("topology");
        cores.add(
            Files.readString(topology.resolve("physical_package_id")).strip()
                + " "
                + Files.readString(topology.resolve("core_id")).strip());
      }
    } catch (IOException | NumberFormatException e) {
      // Not Linux, or a container that hides it.
      return threads;
    }
    return cores.isEmpty() ? threads : Math.min(threads, cores.size());
  }

  /** The hardware threads in a list such as {@code 0-3,8}. */
  private static Set<Integer> allowed(Path status) throws IOException {
    Set<Integer> cpus = new HashSet<>();
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith(ALLOWED)) {
        for (String range : RANGES.split(line.substring(ALLOWED.length()))) {
          int dash = range.indexOf('-');
          int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
          int last = Integer.parseInt(range.substring(dash + 1));
          for (int cpu = first; cpu <= last; cpu++) {
            cpus.add(cpu);
          }
        }
      }
    }
    return cpus;
  }
}
