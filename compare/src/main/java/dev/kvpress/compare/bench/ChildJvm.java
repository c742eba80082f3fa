package dev.kvpress.compare.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs one measurement in a fresh JVM of the same class path and reads its figures. */
final class ChildJvm {
  private ChildJvm() {}

  /**
   * Runs to the end.
   *
   * @param main class with a main method that prints a line of {@link Figures}
   * @throws IOException if the child fails or says nothing
   */
  static Figures run(Class<?> main, List<String> arguments) throws IOException {
    return run(main, List.of(), arguments);
  }

  /**
   * Runs to the end with further options of the Java machine.
   *
   * @throws IOException if the child fails or says nothing
   */
  static Figures run(Class<?> main, List<String> options, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The same for all sides. A small young generation keeps uncollected garbage, which says
    // nothing about what a run needs, out of the peaks.
    command.addAll(List.of("-XX:+UseSerialGC", "-Xmx1g", "-Xmn16m", "-XX:MaxDirectMemorySize=16g"));
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Figures figures = null;
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        figures = line.startsWith(Figures.MARK) ? Figures.parse(line) : figures;
      }
    }
    return checked(figures, exitCode(process), main);
  }

  private static int exitCode(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a measurement was running", e);
    }
  }

  private static Figures checked(@Nullable Figures figures, int exitCode, Class<?> main)
      throws IOException {
    if (exitCode != 0 || figures == null) {
      throw new IOException(
          "%s ended with exit code %d%s; its message stands above"
              .formatted(
                  main.getSimpleName(), exitCode, figures == null ? " and without figures" : ""));
    }
    return figures;
  }
}
