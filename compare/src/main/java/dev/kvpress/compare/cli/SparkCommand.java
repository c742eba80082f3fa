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
import java.util.Set;
import java.util.regex.Pattern;
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
  private static final String OUTPUT = "--output=";

  /** With one of them the comparison does not run and nothing is written to its output. */
  private static final Set<String> ONLY_PREPARING = Set.of("--dry-run", "--fill-cache");

  /** Options and names of tasks may stand before a URI. */
  private static final Pattern URI = Pattern.compile("://|(?:^|=)file:/");

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
    SparkMaster cluster = new SparkMaster(master == null ? "" : master);
    cluster.check(conf, problems);
    SparkConfRules.check(conf, problems);
    OptionalLong heap = new Values(problems).bytes("--worker-heap", workerHeap);
    problems.throwIfAny();
    SparkSettings settings =
        new SparkSettings(
            SparkSettings.builtSide(),
            cluster.url(),
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
    boolean named = arguments.stream().anyMatch(SparkCommand::hasUri);
    boolean runs = arguments.stream().noneMatch(ONLY_PREPARING::contains);
    if (named || (runs && settings.installed().isEmpty())) {
      settings.requireCache();
    }
    if (!named) {
      return compare(console, problems, settings, arguments, arguments);
    }
    if (runs) {
      // Before anything is fetched or claimed for a cluster that is not there.
      new SparkMaster(settings.master()).requireAnswer(problems);
      problems.throwIfAny();
    }
    try (RemoteFiles files = new RemoteFiles(settings, console::note)) {
      List<String> local = files.local(arguments);
      Optional<String> output = remoteOutput(arguments);
      if (output.isEmpty()) {
        return compare(console, problems, settings, arguments, local);
      }
      if (!runs) {
        List<String> here = local.stream().filter(one -> !one.startsWith(OUTPUT)).toList();
        return compare(console, problems, settings, arguments, here);
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

  private static boolean hasUri(String argument) {
    return URI.matcher(argument).find();
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
    return compare.run(
        console,
        problems,
        () -> {
          if (!compare.dryRun && !compare.fillCache) {
            new SparkMaster(settings.master()).requireAnswer(problems);
          }
          return Optional.of(crew);
        });
  }

  /** Paths tell where files lay here; what they were named by is told too. */
  private static Map<String, String> facts(
      SparkSettings settings, SparkCores cores, List<String> arguments) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("spark_master", settings.master());
    facts.put("spark_executor_cores", String.valueOf(cores.cores().orElse(1)));
    String uris = arguments.stream().filter(SparkCommand::hasUri).collect(Collectors.joining(" "));
    if (!uris.isEmpty()) {
      facts.put("uris", uris);
    }
    return facts;
  }
}
