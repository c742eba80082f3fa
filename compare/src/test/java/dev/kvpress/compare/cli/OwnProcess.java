package dev.kvpress.compare.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A comparison of some seconds in a process of its own, which can be killed. */
final class OwnProcess {
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root", "."));

  /** Pieces of work: three cells on eight samples. */
  static final int WORK = 3 * 8;

  private OwnProcess() {}

  /**
   * Prepares one.
   *
   * @param folder holds the cache and the output
   * @param output name of the output
   * @param more further arguments
   */
  static ProcessBuilder of(Path folder, String output, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--methods",
                "snapkv",
                "random",
                "--compression-ratio",
                "0.6",
                "--model",
                ROOT.resolve("test-data/models/demo").toString(),
                "--data-path",
                ROOT.resolve("test-data/datasets/recall.jsonl").toString(),
                "--max-samples",
                "8",
                "--cache-dir",
                folder.resolve("cache").toString(),
                "--output",
                folder.resolve(output).toString()));
    command.addAll(Arrays.asList(more));
    return new ProcessBuilder(command).redirectErrorStream(true);
  }
}
