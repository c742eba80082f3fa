package dev.kvpress.compare.report;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import dev.kvpress.compare.BuildInfo;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Facts about the machine that a figure depends on; no names of hosts, users or folders. */
public final class Machine {
  private Machine() {}

  /** Processor, cores and memory. */
  public static Map<String, String> describe() {
    ImmutableMap.Builder<String, String> facts = ImmutableMap.builder();
    facts.put("cpu", cpuName());
    facts.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean os) {
      facts.put("memory_bytes", String.valueOf(os.getTotalMemorySize()));
    }
    facts.put("max_heap_bytes", String.valueOf(Runtime.getRuntime().maxMemory()));
    return facts.buildOrThrow();
  }

  /** Versions of everything that computes. */
  public static Map<String, String> versions(String engine, String provider) {
    return ImmutableMap.of(
        "kvpress",
        BuildInfo.version(),
        "onnxruntime",
        engine,
        "provider",
        provider,
        "java",
        System.getProperty("java.vm.name") + " " + System.getProperty("java.version"),
        "os",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
  }

  private static String cpuName() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        if (line.startsWith("model name")) {
          List<String> parts = Splitter.on(':').limit(2).trimResults().splitToList(line);
          return parts.size() == 2 ? parts.get(1) : System.getProperty("os.arch");
        }
      }
    } catch (IOException e) {
      // Not Linux; the architecture has to do.
    }
    return System.getProperty("os.arch");
  }
}
