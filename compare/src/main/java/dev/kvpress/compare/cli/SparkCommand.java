package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.scale.spark.BridgeLaunch;
import dev.kvpress.compare.scale.spark.RemoteFiles;
import dev.kvpress.compare.scale.spark.RemoteOutput;
import dev.kvpress.compare.scale.spark.SparkSettings;
import dev.kvpress.compare.scale.worker.PoolRules;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** The main job with a cluster to do it. */
@Command(
    name = "spark",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs a comparison on a cluster of Apache Spark: its contexts are tasks, each executor has"
          + " one",
      "worker with the model. Journal and results are written here, as without Spark."
    },
    footer = {
      "",
      "All options of a comparison may stand here too; see compare --help. Models, data and the"
          + " output",
      "may be URIs of any file system that Spark reads: s3a://bucket/model.",
      "",
      "Example:",
      "  compare spark --master spark://host:7077 --conf spark.executor.cores=16 \\",
      "          --methods h2o snapkv --compression-ratio 0.5 --model /shared/model"
    })
final class SparkCommand implements Action {
  private static final String LOCAL = "local";
  private static final String OUTPUT = "--output=";
  private static final String SCHEME = "://";

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark's master, e.g. spark://host:7077.")
  @Nullable String master;

  @Option(
      names = "--conf",
      paramLabel = "NAME=VALUE",
      description =
          "Settings of Spark, one or several, e.g. spark.executor.cores=16: the threads of each"
              + " worker's engine (default: as --threads says, else 1).")
  List<String> conf = new ArrayList<>();

  @Option(
      names = "--worker-heap",
      paramLabel = "BYTES",
      description =
          "Java heap of each worker, e.g. 8g (default: a quarter of its host's memory, divided as"
              + " the cores are).")
  @Nullable String workerHeap;

  @Option(
      names = "--installed",
      paramLabel = "DIR",
      description = "Where this very program lies on all hosts (default: it is sent to them).")
  @Nullable String installed;

  @Option(
      names = "--host-cache",
      paramLabel = "DIR",
      description =
          "Folder of each host for what is fetched, once for all its executors (default:"
              + " ${DEFAULT-VALUE}).")
  String hostCache = SparkSettings.HOST_CACHE;

  @Unmatched List<String> comparison = new ArrayList<>();

  @Override
  public int run(Console console, Problems problems) {
    if (master == null || master.isBlank()) {
      problems.add(
          "--master: expected the URL of Spark's master, found nothing; give --master"
              + " spark://HOST:7077");
    } else if (master.startsWith(LOCAL)) {
      problems.add(
          "--master: expected a cluster, found '%s'; on one machine take compare --workers"
              .formatted(master));
    }
    for (String one : conf) {
      if (one.indexOf('=') < 1) {
        problems.add("--conf: expected NAME=VALUE, found '%s'".formatted(one));
      }
    }
    OptionalLong heap = new Values(problems).bytes("--worker-heap", workerHeap);
    problems.throwIfAny();
    SparkSettings settings =
        new SparkSettings(
            SparkSettings.builtSide(),
            String.valueOf(master),
            conf,
            Optional.ofNullable(installed),
            hostCache,
            heap.stream().boxed().findFirst());
    // Once for what a file of options says, which hosts need not have.
    Invocation typed = Invocation.read(comparison.toArray(new String[0]), problems);
    List<String> arguments =
        typed.result().originalArgs().stream()
            .filter(argument -> !argument.startsWith(ConfigOption.NAME + "="))
            .toList();
    try {
      return withFiles(console, problems, settings, arguments);
    } catch (UsageException e) {
      throw new UsageException(e.problems().stream().map(typed::place).toList());
    }
  }

  /** Brings here what lies elsewhere. */
  private static int withFiles(
      Console console, Problems problems, SparkSettings settings, List<String> arguments) {
    if (arguments.stream().noneMatch(argument -> argument.contains(SCHEME))) {
      return compare(console, problems, settings, arguments, arguments);
    }
    try (RemoteFiles files = new RemoteFiles(settings)) {
      List<String> local = files.local(arguments);
      Optional<String> output = remoteOutput(arguments);
      if (output.isEmpty()) {
        return compare(console, problems, settings, arguments, local);
      }
      int code;
      try (RemoteOutput results =
          new RemoteOutput(files, output.get(), settings.cacheFolder(), console::note)) {
        local =
            local.stream()
                .map(one -> one.startsWith(OUTPUT) ? OUTPUT + results.folder() : one)
                .toList();
        code = compare(console, problems, settings, arguments, local);
      }
      console.note("results are written to " + output.get());
      return code;
    }
  }

  private static Optional<String> remoteOutput(List<String> arguments) {
    return arguments.stream()
        .filter(argument -> argument.startsWith(OUTPUT))
        .map(argument -> argument.substring(OUTPUT.length()))
        .filter(RemoteFiles::isUri)
        .findFirst();
  }

  /**
   * The comparison as on one machine, but for who works.
   *
   * @param arguments of it, as workers get them
   * @param local the same with paths of this host
   */
  private static int compare(
      Console console,
      Problems problems,
      SparkSettings settings,
      List<String> arguments,
      List<String> local) {
    CommandLine.ParseResult result =
        Invocation.read(local.toArray(new String[0]), problems).result();
    if (result.hasSubcommand()) {
      problems.add(
          "compare spark: expected options of a comparison, found the command %s; leave it out"
              .formatted(result.subcommand().commandSpec().name()));
      problems.throwIfAny();
    }
    ParseErrors.collect(result, problems);
    CompareCommand compare = (CompareCommand) result.commandSpec().userObject();
    if (compare.workers.areAskedFor()) {
      problems.add(
          "--workers, --num-gpus: expected none of them with Spark, which starts the workers; leave"
              + " them out");
    }
    SparkCores cores = SparkCores.of(settings.conf(), compare.model.threads, problems);
    compare.model.threads = cores.threads().orElse(null);
    List<String> told = cores.in(arguments);
    Crew crew =
        new Crew(
            "on Spark at %s, %s; times are those of its hosts"
                .formatted(settings.master(), cores.words()),
            new BridgeLaunch(settings.with(cores.conf()), Crew.WORKER),
            PoolRules.bridge(),
            told,
            0,
            facts(settings, cores, arguments));
    return compare.run(console, problems, () -> Optional.of(crew));
  }

  /** Paths tell where files lay here; what they were named by is told too. */
  private static Map<String, String> facts(
      SparkSettings settings, SparkCores cores, List<String> arguments) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("spark_master", settings.master());
    facts.put("spark_executor_cores", String.valueOf(cores.cores().orElse(1)));
    String uris =
        arguments.stream()
            .filter(argument -> argument.contains(SCHEME))
            .collect(Collectors.joining(" "));
    if (!uris.isEmpty()) {
      facts.put("uris", uris);
    }
    return facts;
  }
}
