package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.scale.shard.Merge;
import dev.kvpress.compare.scale.slurm.JobResources;
import dev.kvpress.compare.scale.slurm.ShardArray;
import dev.kvpress.compare.scale.slurm.SlurmJob;
import dev.kvpress.compare.scale.slurm.SlurmScripts;
import dev.kvpress.compare.scale.slurm.Submission;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a comparison down as jobs of a SLURM cluster. */
@Command(
    name = "slurm",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes a comparison as scripts for a SLURM cluster.",
      "The model is exported once, an array of jobs takes a shard of the contexts each, and a last",
      "one merges their results."
    },
    footer = {
      "",
      "Example:",
      "  compare slurm --array 16 --time 4:00:00 --memory 32G --cpus 8 --output results \\",
      "          -- --model DIR --data-path texts.jsonl --methods h2o snapkv --compression-ratio"
          + " 0.5",
      "",
      "The scripts are made to be read and changed; bash SCRIPT-submit.sh submits them."
    })
final class SlurmCommand implements Action {
  private static final Set<String> HANDED_ON =
      Set.of("JAVA_HOME", "KVPRESS_JAVA_OPTS", "KVPRESS_PROFILE", "XDG_CACHE_HOME");

  @Option(
      names = "--array",
      paramLabel = "N[%K]",
      description = "Shards, each a task of the array; %%K: at most K of them at once.")
  @Nullable String array;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Where the merged results go; shards, scripts and logs lie below (default: as --config"
              + " says, else comparison_results).")
  @Nullable String output;

  @Mixin SlurmOptions resources = new SlurmOptions();

  @Option(
      names = "--script",
      paramLabel = "FILE",
      description =
          "Script of the array; those that export, merge and submit lie beside it (default:"
              + " slurm/compare.sh in --output).")
  @Nullable String script;

  @Option(
      names = "--program",
      paramLabel = "FILE",
      description = "What runs compare on the cluster (default: the bin/compare of this call).")
  @Nullable String program;

  @Option(
      names = "--partial",
      description = "Merge what is there, even where some samples are missing.")
  boolean partial;

  @Option(names = "--submit", description = "Submit the jobs too, and print their ids.")
  boolean submit;

  @Mixin Verbosity verbosity = new Verbosity();

  @Parameters(
      arity = "0..*",
      paramLabel = "-- OPTIONS",
      description = "Options of the comparison, as compare itself takes them.")
  List<String> comparison = new ArrayList<>();

  @Spec @Nullable CommandSpec command;

  private final Map<String, String> environment;

  /**
   * In an environment.
   *
   * @param environment variables by name: where sbatch is, and what bin/compare goes by
   */
  SlurmCommand(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    List<String> notices = new ArrayList<>();
    Optional<ShardArray> shards = shards(problems);
    JobResources asked = resources.read(problems);
    Optional<Path> runner = runner(values, problems);
    Submission submission = new Submission(environment);
    if (submit && submission.command().isEmpty()) {
      problems.add(
          "--submit: expected SLURM's sbatch on the PATH, found none; call this where the cluster's"
              + " commands are, or leave it out and submit later");
    }
    Optional<ClusterComparison> checked =
        isMisplaced()
            ? Optional.empty()
            : ClusterComparison.check(comparison, asked, notices::add, problems);
    Optional<Path> folder =
        values.path("--output", output).or(() -> checked.map(ClusterComparison::output));
    folder.ifPresent(path -> requirePlace(path, problems));
    Optional<Path> file =
        values
            .path("--script", script)
            .or(() -> folder.map(path -> path.resolve("slurm").resolve("compare.sh")));
    problems.throwIfAny();
    SlurmJob job =
        new SlurmJob(
            resources.name(folder.orElseThrow()),
            shards.orElseThrow(),
            asked,
            absolute(runner.orElseThrow()),
            absolute(Path.of("")),
            absolute(folder.orElseThrow()),
            absolute(file.orElseThrow()),
            checked.orElseThrow().withThreads(comparison),
            handedOn(),
            partial);
    SlurmScripts scripts =
        problems.attempt(() -> new SlurmScripts(job)).orElseThrow(() -> failure(problems));
    scripts
        .inTheWay()
        .ifPresent(
            other ->
                problems.add(
                    "--script: %s is there and was not written by compare slurm; give another name"
                        .formatted(other)));
    problems.throwIfAny();
    if (!verbosity.quiet) {
      shards.filter(ShardArray::isUnusual).map(SlurmCommand::many).ifPresent(notices::add);
      checked.orElseThrow().remarks(shards.orElseThrow().shards()).forEach(notices::add);
      notices.forEach(console::note);
    }
    scripts.write().forEach(console.out()::println);
    return submit ? submitted(console, submission, scripts) : told(console, scripts);
  }

  private static UsageException failure(Problems problems) {
    return new UsageException(problems.lines().stream().map(line -> "--output: " + line).toList());
  }

  private static void requirePlace(Path folder, Problems problems) {
    try {
      Merge.requirePlace(folder);
    } catch (UsageException e) {
      e.problems().forEach(problems::add);
    }
  }

  /** Whether options of the comparison stand before --, which is said already. */
  private boolean isMisplaced() {
    if (command == null) {
      return false;
    }
    CommandLine parser = command.commandLine();
    return parser.getParseResult().unmatched().stream()
        .map(word -> word.replaceFirst("=.*", ""))
        .anyMatch(name -> ParseErrors.takesComparison(parser, name));
  }

  private static String many(ShardArray array) {
    return "--array %d: most clusters take arrays up to 1000 (scontrol show config | grep MaxArraySize)"
        .formatted(array.shards());
  }

  private Optional<ShardArray> shards(Problems problems) {
    if (array == null) {
      problems.add("--array: expected a number of shards, found nothing; give for instance 16");
      return Optional.empty();
    }
    String typed = array;
    Problems own = new Problems();
    Optional<ShardArray> read = own.attempt(() -> ShardArray.parse(typed));
    own.lines().forEach(line -> problems.add("--array: " + line));
    return read;
  }

  private Optional<Path> runner(Values values, Problems problems) {
    String what = "the program that runs compare on the cluster";
    if (program == null) {
      Optional<Path> own = DemoFiles.program();
      if (own.isEmpty()) {
        problems.add(
            "--program: expected %s, found nothing, and this call came from no bin/compare; give its file"
                .formatted(what));
      }
      return own;
    }
    Optional<Path> given = values.existing("--program", program, what);
    if (given.isPresent() && !Files.isExecutable(given.get())) {
      problems.add(
          "--program: expected %s, but %s cannot be executed; give another file or chmod +x it"
              .formatted(what, given.get()));
    }
    return given;
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /** What makes bin/compare what it is here and may be missing where a job begins. */
  private Map<String, String> handedOn() {
    Map<String, String> found = new TreeMap<>(environment);
    found.keySet().retainAll(HANDED_ON);
    found.values().removeIf(String::isBlank);
    return found;
  }

  private static int told(Console console, SlurmScripts scripts) {
    console.out().println("submit with: bash " + scripts.submittingWord());
    return ExitCode.OK;
  }

  private static int submitted(Console console, Submission submission, SlurmScripts scripts) {
    Submission.Outcome outcome = submission.submit(scripts.submitting());
    outcome.out().forEach(console.out()::println);
    if (outcome.code() != 0) {
      throw new UsageException(
          List.of(
              "--submit: sbatch did not take the jobs: %s; change the options, or the scripts, and submit again"
                  .formatted(
                      outcome.err().isEmpty()
                          ? "exit code " + outcome.code()
                          : String.join("; ", outcome.err()))));
    }
    outcome.err().forEach(console::note);
    return ExitCode.OK;
  }
}
