package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.report.RenderedReport;
import dev.kvpress.compare.report.ResultTable;
import dev.kvpress.compare.report.StoredRows;
import dev.kvpress.compare.report.WeightTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Renders the report of a finished comparison again. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description =
        "Renders table, report.html and pictures of an output folder again, without running anything.")
final class ReportCommand implements Action {
  @Parameters(
      index = "0",
      paramLabel = "DIR",
      description = "The folder that compare --output has filled.")
  @Nullable String folder;

  @Mixin Verbosity verbosity = new Verbosity();

  @Override
  public int run(Console console, Problems problems) {
    Optional<Path> path = new Values(problems).path("DIR", folder);
    problems.throwIfAny();
    List<String> written =
        RenderedReport.write(path.orElseThrow(), verbosity.quiet ? line -> {} : console::note);
    console.out().print(ResultTable.of(StoredRows.read(path.get())));
    console.out().print(WeightTable.of(StoredRows.weights(path.get())));
    if (!verbosity.quiet) {
      console.note(
          "%s and %d pictures are in %s"
              .formatted(RenderedReport.PAGE, written.size() - 1, path.get()));
    }
    return ExitCode.OK;
  }
}
