package dev.kvpress.compare.scale.slurm;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Hands scripts to the cluster of this machine. */
public final class Submission {
  private static final String COMMAND = "sbatch";

  private final Map<String, String> environment;

  /**
   * In an environment.
   *
   * @param environment variables by name; PATH says where the cluster's commands are
   */
  public Submission(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /**
   * What a submission said.
   *
   * @param code that it ended with
   * @param out lines on the jobs
   * @param err what was wrong
   */
  public record Outcome(int code, List<String> out, List<String> err) {
    /** Lists are copied. */
    public Outcome {
      out = List.copyOf(out);
      err = List.copyOf(err);
    }
  }

  /** Where sbatch is; empty where this machine has no cluster. */
  public Optional<Path> command() {
    return Arrays.stream(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, COMMAND))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  /**
   * Runs the script that submits.
   *
   * @throws UncheckedIOException if bash cannot be run
   */
  public Outcome submit(Path script) {
    ProcessBuilder builder = new ProcessBuilder("bash", script.toString());
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      // Not a pipe: what sbatch says may be longer than one holds.
      Path errors = Files.createTempFile("compare-slurm", ".txt");
      try {
        Process process = builder.redirectError(errors.toFile()).start();
        process.getOutputStream().close();
        List<String> out = lines(process.getInputStream().readAllBytes());
        return new Outcome(process.waitFor(), out, lines(Files.readAllBytes(errors)));
      } finally {
        Files.delete(errors);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("bash cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while jobs were submitted", e);
    }
  }

  private static List<String> lines(byte[] text) {
    return new String(text, StandardCharsets.UTF_8).lines().toList();
  }
}
