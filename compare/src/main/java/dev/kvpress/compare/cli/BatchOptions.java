package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.data.DataFile;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code score} and {@code replay} share. */
final class BatchOptions {
  private static final String STANDARD_INPUT = "-";

  @Option(
      names = "--batch",
      paramLabel = "FILE",
      description = "JSON lines, one case each; - reads standard input.")
  @Nullable String batch;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show where faults come from.")
  boolean verbose;

  @Mixin PressOptions presses = new PressOptions();

  /** Answers the lines of a stream; the number of lines answered by an error. */
  interface Cases {
    int answer(
        InputStream in,
        String name,
        PressCatalog catalog,
        PressDefaults defaults,
        Consumer<String> out);
  }

  int run(Console console, Problems problems, PressCatalog catalog, Cases cases) {
    PressDefaults defaults = presses.defaults(catalog, problems);
    Optional<Path> file =
        STANDARD_INPUT.equals(batch)
            ? Optional.empty()
            : new Values(problems)
                .existing("--batch", batch, "a file of JSON lines (or - for standard input)");
    problems.throwIfAny();
    String name = file.map(Path::toString).orElse("standard input");
    try (InputStream in = file.map(DataFile::open).orElseGet(console::in)) {
      int failed = cases.answer(in, name, catalog, defaults, console.out()::println);
      return failed == 0 ? ExitCode.OK : ExitCode.PARTIAL;
    } catch (IOException e) {
      throw new DataException(name + ": cannot be closed: " + e, e);
    }
  }
}
