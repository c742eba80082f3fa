package dev.kvpress.compare.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.compare.cli.Main;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole comparisons held against each other. */
class CellParityTest {
  private static final Path ROOT = Path.of(System.getProperty("kvpress.root"));

  @TempDir static Path folder;

  private static Path run(String name, String... more) {
    Path output = folder.resolve(name);
    String[] fixed = {
      "--model",
      ROOT.resolve("test-data/models/demo").toString(),
      "--data-path",
      ROOT.resolve("test-data/datasets/stories.jsonl").toString(),
      "--tasks",
      "perplexity",
      "--cache-dir",
      folder.resolve("cache").toString(),
      "--context-tokens",
      "64",
      "--limit",
      "1",
      "--threads",
      "1",
      "--output",
      output.toString()
    };
    String[] all = new String[fixed.length + more.length];
    System.arraycopy(fixed, 0, all, 0, fixed.length);
    System.arraycopy(more, 0, all, fixed.length, more.length);
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.run(
            all,
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
    return output;
  }

  @Test
  void equalRunsAgreeAndOthersAreToldApart() throws IOException {
    Path first = run("first", "--methods", "baseline", "knorm", "--compression-ratio", "0.5");
    CellParity same = CellParity.of(first, first, 0);
    assertThat(same.agrees()).isTrue();
    assertThat(same.cells()).isEqualTo(2);
    assertThat(same.figures()).isGreaterThanOrEqualTo(6);

    Path other = run("other", "--methods", "baseline", "knorm", "--compression-ratio", "0.75");
    CellParity different = CellParity.of(first, other, 1e-3);
    assertThat(different.agrees()).isFalse();
    assertThat(different.deviations())
        .anySatisfy(line -> assertThat(line).startsWith("only on the processor: "))
        .anySatisfy(line -> assertThat(line).startsWith("only on the other: "));

    Path off = folder.resolve("off");
    copy(first, off);
    Path results = off.resolve("results.json");
    String text = Files.readString(results);
    String changed = text.replaceAll("(\"nll_compressed\" : \\{\\s*\"value\" : )[0-9.]+", "$10.0");
    assertThat(changed).isNotEqualTo(text);
    Files.writeString(results, changed);
    assertThat(CellParity.of(first, off, 1e-3).deviations())
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line).contains("nll_compressed is "));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
