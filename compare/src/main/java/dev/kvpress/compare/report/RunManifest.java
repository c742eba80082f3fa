package dev.kvpress.compare.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** What every run's provenance begins with: when, with which versions, on which machine. */
public final class RunManifest {
  private static final String BUILD = "/dev/kvpress/compare/build.properties";

  private RunManifest() {}

  /** Version of kvpress for Java. */
  public static String version() {
    Properties build = new Properties();
    try (InputStream in = RunManifest.class.getResourceAsStream(BUILD)) {
      if (in != null) {
        build.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return build.getProperty("version", "unknown");
  }

  /**
   * Starts a manifest.
   *
   * @param clock tells the time
   * @param engine version of ONNX Runtime
   * @param provider where graphs ran
   */
  public static ObjectNode start(Clock clock, String engine, String provider) {
    ObjectNode run = JsonMapper.builder().build().createObjectNode();
    run.put("schema_version", CellJson.SCHEMA_VERSION);
    run.put("finished", Instant.now(clock).truncatedTo(ChronoUnit.SECONDS).toString());
    ObjectNode versions = run.putObject("versions");
    versions.put("kvpress", version());
    versions.put("onnxruntime", engine);
    versions.put("java", System.getProperty("java.version"));
    versions.put("java_vm", System.getProperty("java.vm.name"));
    ObjectNode machine = run.putObject("machine");
    machine.put(
        "os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.put("architecture", System.getProperty("os.arch"));
    machine.put("cores", Runtime.getRuntime().availableProcessors());
    cpuName().ifPresent(name -> machine.put("cpu", name));
    memoryBytes().ifPresent(bytes -> machine.put("memory_bytes", bytes));
    machine.put("java_heap_max_bytes", Runtime.getRuntime().maxMemory());
    machine.put("provider", provider);
    return run;
  }

  private static Optional<Long> memoryBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean machine
        ? Optional.of(machine.getTotalMemorySize())
        : Optional.empty();
  }

  /** Linux tells; elsewhere the architecture has to do. */
  private static Optional<String> cpuName() {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
      return lines
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
