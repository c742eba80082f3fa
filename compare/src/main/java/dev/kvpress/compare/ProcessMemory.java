package dev.kvpress.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the operating system says of this process's memory; Linux only. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path ROLLUP = Path.of("/proc/self/smaps_rollup");

  private ProcessMemory() {}

  /** Bytes resident now. */
  public static long residentBytes() throws IOException {
    return field(STATUS, "VmRSS:");
  }

  /** The most bytes that were ever resident. */
  public static long peakBytes() throws IOException {
    return field(STATUS, "VmHWM:");
  }

  /** Bytes resident now, where pages that several processes map count by their part (Pss). */
  public static long proportionalBytes() throws IOException {
    return field(ROLLUP, "Pss:");
  }

  /**
   * Lets the peak start anew from what is resident now, so that the loading of graphs does not
   * count; where the system does not allow it, the peak is that since the start of the process.
   */
  public static void restartPeak() {
    try {
      Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    } catch (IOException e) {
      System.err.println("bench: the peak includes loading, for " + e.getMessage());
    }
  }

  private static long field(Path file, String name) throws IOException {
    if (!Files.exists(file)) {
      throw new IOException(file + " does not exist; bench measures memory on Linux only");
    }
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new IOException(file + " has no field " + name);
  }
}
