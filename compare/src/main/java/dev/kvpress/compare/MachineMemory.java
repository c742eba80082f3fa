package dev.kvpress.compare;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * The memory that this process may use.
 *
 * @param machineBytes of the machine; 0 where it is not known
 * @param containerBytes what a control group allows; empty where there is no limit
 */
public record MachineMemory(long machineBytes, OptionalLong containerBytes) {
  // Control groups without a limit say a number that no machine has.
  private static final long NO_LIMIT = 1L << 60;
  private static final List<Path> CONTAINER_LIMITS =
      List.of(
          Path.of("/sys/fs/cgroup/memory.max"),
          Path.of("/sys/fs/cgroup/memory/memory.limit_in_bytes"));

  /** Checks the range. */
  public MachineMemory {
    checkArgument(machineBytes >= 0, "machineBytes must not be negative, found %s", machineBytes);
  }

  /** What this machine has. */
  public static MachineMemory find() {
    return new MachineMemory(machine(), container());
  }

  /** The smaller of the two; empty where neither is known. */
  public OptionalLong usable() {
    long machine = machineBytes == 0 ? Long.MAX_VALUE : machineBytes;
    long usable = Math.min(machine, containerBytes.orElse(Long.MAX_VALUE));
    return usable == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(usable);
  }

  /** Whether so many bytes are more than there are; false where that is not known. */
  public boolean isExceededBy(long bytes) {
    return bytes > usable().orElse(Long.MAX_VALUE);
  }

  private static long machine() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
        if (line.startsWith("MemTotal:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException e) {
      // Not Linux; Java knows the machine there.
    }
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean os
        ? os.getTotalMemorySize()
        : 0;
  }

  private static OptionalLong container() {
    for (Path file : CONTAINER_LIMITS) {
      try {
        long limit = Long.parseLong(Files.readString(file).strip());
        return limit < NO_LIMIT ? OptionalLong.of(limit) : OptionalLong.empty();
      } catch (IOException | NumberFormatException e) {
        // No such control group, or no limit in it.
      }
    }
    return OptionalLong.empty();
  }
}
