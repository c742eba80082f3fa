package dev.kvpress.peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of child processes, with the same memory settings for all engines. */
final class JavaCommand {
  private JavaCommand() {}

  /** A main class of this class path on the Java machine that runs now. */
  static List<String> of(Class<?> main) {
    List<String> command = base(Path.of(System.getProperty("java.home"), "bin", "java"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return command;
  }

  /** A Java machine with its memory settings. */
  static List<String> base(Path java) {
    // A small young generation keeps uncollected garbage, which says nothing about what a run
    // needs, out of the peaks.
    return new ArrayList<>(
        List.of(
            java.toString(),
            "-XX:+UseSerialGC",
            "-Xmx4g",
            "-Xmn16m",
            "-XX:MaxDirectMemorySize=16g"));
  }
}
