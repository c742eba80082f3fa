package dev.kvpress.compare.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvpress.compare.Problems;
import dev.kvpress.compare.scale.shard.RunStatus;
import dev.kvpress.compare.scale.shard.StatusTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how far runs are. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Says what is done, missing and failed in output folders that belong together, also while they are written.",
    footer = {"", "Exit codes: 0 all is done; 3 something is missing or failed."})
final class StatusCommand implements Action {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();

  private enum Format {
    TEXT,
    JSON
  }

  @Parameters(paramLabel = "DIR", description = "Folders of one run or of its shards.")
  List<String> folders = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description = "text or json (default: ${DEFAULT-VALUE}).")
  String format = "text";

  @Mixin Verbosity verbosity = new Verbosity();

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    Optional<Format> wanted =
        values.choice("--format", format, Map.of("text", Format.TEXT, "json", Format.JSON));
    List<Path> paths = values.paths("DIR", folders, "the folders to look at");
    problems.throwIfAny();
    RunStatus status = RunStatus.of(paths, verbosity.quiet ? line -> {} : console::note);
    console
        .out()
        .print(wanted.orElseThrow() == Format.TEXT ? StatusTable.of(status) : json(status));
    return status.complete() ? ExitCode.OK : ExitCode.PARTIAL;
  }

  private static String json(RunStatus status) {
    try {
      return JSON.writeValueAsString(status) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a status cannot be written as JSON", e);
    }
  }
}
