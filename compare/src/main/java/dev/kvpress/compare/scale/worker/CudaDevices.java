package dev.kvpress.compare.scale.worker;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The GPUs that a process started here can use.
 *
 * @param names what {@value #VARIABLE} is set to for one of them, in their order
 * @param found how they were found, or why there are none, in words
 */
public record CudaDevices(List<String> names, String found) {
  /** Says to CUDA which devices a process sees. */
  public static final String VARIABLE = "CUDA_VISIBLE_DEVICES";

  private static final String TOOL = "nvidia-smi";
  private static final long TOOL_SECONDS = 60;
  private static final Pattern WHOLE = Pattern.compile("GPU \\d+:.*\\(UUID: (GPU-[^)\\s]+)\\)\\s*");

  // A GPU that is divided is used by its parts; a process sees one of them at most.
  private static final Pattern PART = Pattern.compile("\\s+MIG .*\\(UUID: (MIG-[^)\\s]+)\\)\\s*");

  /** Takes a copy. */
  public CudaDevices {
    names = ImmutableList.copyOf(names);
  }

  /** Looks at the variable and asks nvidia-smi. */
  public static CudaDevices find() {
    return find(Optional.ofNullable(System.getenv(VARIABLE)), new ProcessBuilder(TOOL, "-L"));
  }

  /** The same of another environment. */
  static CudaDevices find(Optional<String> variable, ProcessBuilder tool) {
    List<String> lines = new ArrayList<>();
    String trouble = ask(tool, lines);
    List<String> own = devices(lines);
    if (variable.isPresent()) {
      return visible(variable.get(), trouble == null ? wholeDevices(lines) : Integer.MAX_VALUE);
    }
    return new CudaDevices(
        own,
        own.isEmpty()
            ? (trouble == null ? TOOL + " lists no GPU" : trouble) + "; " + VARIABLE + " is not set"
            : TOOL + " lists " + own.size());
  }

  /** Runs the tool; returns what went wrong, null if nothing. */
  private static @Nullable String ask(ProcessBuilder tool, List<String> lines) {
    try {
      Process process = tool.redirectErrorStream(true).start();
      process.getOutputStream().close();
      String text =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(TOOL_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return TOOL + " does not answer";
      }
      if (process.exitValue() != 0) {
        return "%s ended with exit code %d%s"
            .formatted(
                TOOL,
                process.exitValue(),
                text.isEmpty() ? "" : ": " + text.replaceAll("\\s*\\R\\s*", " "));
      }
      lines.addAll(text.lines().toList());
      return null;
    } catch (IOException e) {
      return "there is no " + TOOL + " on the path";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted while waiting for " + TOOL;
    }
  }

  private static int wholeDevices(List<String> lines) {
    return (int) lines.stream().filter(line -> WHOLE.matcher(line).matches()).count();
  }

  /** By their lasting names: numbers of CUDA and of nvidia-smi may differ. */
  private static List<String> devices(List<String> lines) {
    List<String> names = new ArrayList<>();
    String whole = null;
    for (String line : lines) {
      Matcher gpu = WHOLE.matcher(line);
      Matcher part = PART.matcher(line);
      if (gpu.matches()) {
        whole = gpu.group(1);
        names.add(whole);
      } else if (part.matches()) {
        names.remove(whole);
        names.add(part.group(1));
      }
    }
    return names;
  }

  /** As CUDA reads the variable: up to the first entry that names no device. */
  private static CudaDevices visible(String value, int installed) {
    List<String> names = new ArrayList<>();
    String rest = "";
    for (String entry : Splitter.on(',').trimResults().split(value)) {
      if (!isDevice(entry, installed)) {
        rest = entry;
        break;
      }
      names.add(entry);
    }
    return new CudaDevices(
        names,
        "%s is '%s'%s"
            .formatted(
                VARIABLE,
                value,
                rest.isEmpty() || rest.equals("-1") ? "" : ", where '" + rest + "' is no GPU"));
  }

  private static boolean isDevice(String entry, int installed) {
    return entry.matches("\\d{1,6}")
        ? Integer.parseInt(entry) < installed
        : entry.matches("(GPU|MIG)-.+");
  }
}
