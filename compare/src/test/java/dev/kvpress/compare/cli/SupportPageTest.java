package dev.kvpress.compare.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvpress.runtime.export.architecture.Architectures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/support.md says what really happens, of every architecture that is known. */
class SupportPageTest extends AtHome {
  private static final String BEGIN = "<!-- support:begin, written by bin/update-support -->\n";
  private static final String END = "<!-- support:end -->";

  @TempDir Path cache;

  @Test
  @Tag("long")
  void thePageSaysWhatEveryPressDoesOnEveryReferenceFolder() throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("support", "--threads", "1", "--cache-dir", cache.toString()));
    try (Stream<Path> folders = Files.list(ROOT.resolve("test-data/reference/architectures"))) {
      folders.filter(Files::isDirectory).map(Path::toString).sorted().forEach(arguments::add);
    }

    Run run = Run.of(arguments.toArray(String[]::new));

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(table())
        .as("docs/support.md is stale; write it anew with: bin/update-support")
        .isEqualTo(run.out());
  }

  @Test
  void noArchitectureOfTheCatalogueIsMissing() throws IOException {
    assertThat(table()).contains(Architectures.names());
  }

  private static String table() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/support.md"));
    assertThat(page).contains(BEGIN, END);
    return page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END));
  }
}
