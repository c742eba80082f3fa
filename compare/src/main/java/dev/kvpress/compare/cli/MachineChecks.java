package dev.kvpress.compare.cli;

import dev.kvpress.compare.BuildInfo;
import dev.kvpress.compare.MachineMemory;
import dev.kvpress.presses.kernel.Kernels;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/** What a comparison needs of the machine. */
final class MachineChecks {
  private static final int NEEDED_JAVA = 17;
  private static final double MEBI = 1 << 20;

  private MachineChecks() {}

  static List<Check> of(DecoderOptions options) {
    List<Check> checks = new ArrayList<>();
    checks.add(Check.ok("kvpress", BuildInfo.version()));
    checks.add(java());
    checks.add(kernels());
    for (ProviderListing.Status provider : new ProviderListing().providers()) {
      checks.add(provider(provider, options));
    }
    checks.add(memory());
    checks.add(cache(options.cacheDir()));
    return checks;
  }

  private static Check java() {
    String found =
        "%s %s, %d cores"
            .formatted(
                System.getProperty("java.vm.name"),
                System.getProperty("java.version"),
                Runtime.getRuntime().availableProcessors());
    return Runtime.version().feature() >= NEEDED_JAVA
        ? Check.ok("java", found)
        : Check.fault("java", found + "; version 17 or newer is needed (set JAVA_HOME)");
  }

  private static Check kernels() {
    return Kernels.advice()
        .map(advice -> Check.absent("kernels", advice))
        .orElseGet(
            () -> Check.ok("kernels", "presses run with vector instructions, or as was asked"));
  }

  private static Check provider(ProviderListing.Status provider, DecoderOptions options) {
    if (provider.engine().isPresent()) {
      return Check.ok(provider.name(), provider.engine().get());
    }
    String reason = provider.refusal().orElse("");
    boolean wanted = options.provider().name().toLowerCase(Locale.ROOT).equals(provider.name());
    return wanted || provider.name().equals("cpu")
        ? Check.fault(provider.name(), reason)
        : Check.absent(provider.name(), reason);
  }

  /** Caches live in direct buffers, which the Java machine limits by the size of the heap. */
  private static Check memory() {
    MachineMemory memory = MachineMemory.find();
    OptionalLong container = memory.containerBytes();
    return Check.ok(
        "memory",
        "heap and direct buffers up to %s each, machine %s, container limit %s"
            .formatted(
                mebibytes(Runtime.getRuntime().maxMemory()),
                mebibytes(memory.machineBytes()),
                container.isPresent() ? mebibytes(container.getAsLong()) : "none"));
  }

  private static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%,.0f MiB", bytes / MEBI);
  }

  /** Really writes, since permissions alone do not tell of read-only disks. */
  private static Check cache(Path folder) {
    boolean there = Files.exists(folder);
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "doctor", ".tmp"));
      if (!there) {
        Files.delete(folder);
      }
      return Check.ok("cache", folder + " is writable");
    } catch (IOException e) {
      return Check.fault(
          "cache",
          "%s cannot be written: %s; give another folder with --cache-dir"
              .formatted(folder, FileFaults.reason(e)));
    }
  }
}
