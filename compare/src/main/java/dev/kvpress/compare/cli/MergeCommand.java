package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.report.Condition;
import dev.kvpress.compare.report.ResultTable;
import dev.kvpress.compare.report.RunResults;
import dev.kvpress.compare.report.WeightTable;
import dev.kvpress.compare.scale.shard.JoinedRun;
import dev.kvpress.compare.scale.shard.Merge;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes one folder of the folders of shards. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Joins output folders of shards into one, as if one run had done all; needs no model and no data.")
final class MergeCommand implements Action {
  @Parameters(
      paramLabel = "DIR",
      description = "Folders that compare --shard, or an earlier merge, has filled.")
  List<String> folders = new ArrayList<>();

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Where the merged folder goes; an earlier merge there is replaced.")
  @Nullable String output;

  @Option(
      names = "--partial",
      description = "Merge what there is, also where work is missing; cells say what they lack.")
  boolean partial;

  @Mixin GateOptions gate = new GateOptions();

  @Mixin Verbosity verbosity = new Verbosity();

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    List<Path> paths = values.paths("DIR", folders, "the folders to merge");
    Optional<Path> into = values.path("--output", output);
    if (output == null) {
      problems.add(
          "--output: expected the folder for what is merged, found nothing; give --output DIR");
    }
    problems.throwIfAny();
    Consumer<String> notices = verbosity.quiet ? line -> {} : console::note;
    RunResults results;
    List<Condition> conditions;
    try (JoinedRun run = JoinedRun.open(paths, notices)) {
      conditions = gate.conditions(run.tasks(), problems);
      problems.throwIfAny();
      results = new Merge(run, notices).into(into.orElseThrow(), partial);
    }
    console.out().print(ResultTable.of(results.rows()));
    console.out().print(WeightTable.of(results.weights()));
    notices.accept("results are in " + into.get());
    return ComparisonJob.judge(console, results, conditions);
  }
}
