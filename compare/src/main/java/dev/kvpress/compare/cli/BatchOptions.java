package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.cases.Batch;
import dev.kvpress.compare.cases.CaseAnswerer;
import dev.kvpress.compare.data.JsonLines;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BiFunction;
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

  int run(
      Console console,
      Problems problems,
      PressCatalog catalog,
      BiFunction<PressCatalog, PressDefaults, CaseAnswerer> kind) {
    PressDefaults defaults = presses.defaults(catalog, problems);
    Optional<Path> file =
        STANDARD_INPUT.equals(batch)
            ? Optional.empty()
            : new Values(problems)
                .existing("--batch", batch, "a file of JSON lines (or - for standard input)");
    problems.throwIfAny();
    CaseAnswerer answerer = kind.apply(catalog, defaults);
    try (JsonLines lines =
        file.map(JsonLines::open).orElseGet(() -> JsonLines.of(console.in(), "standard input"))) {
      int failed = Batch.run(lines, answerer, console.out()::println);
      return failed == 0 ? ExitCode.OK : ExitCode.PARTIAL;
    }
  }
}
