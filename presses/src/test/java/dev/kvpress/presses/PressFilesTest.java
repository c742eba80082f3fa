package dev.kvpress.presses;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A press stays readable at a glance; arithmetic has files of its own. */
class PressFilesTest {
  @Test
  void areShort() throws IOException {
    Path root = Path.of(System.getProperty("kvpress.root", ".."));
    Path sources = root.resolve("presses/src/main/java/dev/kvpress/presses");
    assumeTrue(Files.isDirectory(sources), "sources are not here");
    List<Long> lines;
    try (Stream<Path> files = Files.walk(sources)) {
      lines =
          files
              .filter(
                  file -> file.getParent().getFileName().toString().matches("scorer|wrapper|rule"))
              .filter(file -> file.getFileName().toString().endsWith("Press.java"))
              .map(PressFilesTest::linesOfCode)
              .sorted()
              .toList();
    }

    assertThat(lines).hasSizeGreaterThan(30).allMatch(count -> count <= 180);
    assertThat(lines.get(lines.size() / 2)).as("median").isLessThan(60);
  }

  /** Lines that are not blank and hold more than a comment. */
  private static long linesOfCode(Path file) {
    try {
      String code = Files.readString(file).replaceAll("(?s)/\\*.*?\\*/", "");
      return code.lines()
          .map(String::strip)
          .filter(l -> !l.isEmpty() && !l.startsWith("//"))
          .count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
