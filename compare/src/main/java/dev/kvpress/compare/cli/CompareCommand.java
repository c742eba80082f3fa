package dev.kvpress.compare.cli;

import dev.kvpress.compare.CodeHash;
import dev.kvpress.compare.Problems;
import dev.kvpress.compare.attention.AttentionRequest;
import dev.kvpress.compare.report.Condition;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.run.TaskFile;
import dev.kvpress.compare.run.plan.Shard;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.compare.task.Task;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The main job: methods at ratios over texts, as a table and as files. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Tells which KV-cache press, at which ratio, is best for a model.",
    footer = {
      "",
      "Names may be written with underscores too: --compression_ratio. Every parameter of every"
          + " press",
      "is an option that sets its default, for instance --snapkv-window-size; compare list shows"
          + " them.",
      "",
      "Example:",
      "  compare --methods h2o snapkv \"dms(knorm,threshold=-4)\" --compression-ratio 0.3 0.6 \\",
      "          --model DIR --data-path stories.txt",
      "",
      "Exit codes: 0 done; 1 a fault of the program; 2 wrong options or input; 3 some cells"
          + " failed;",
      "4 a condition of --fail-if was met."
    })
final class CompareCommand implements Action {
  @Option(
      names = "--methods",
      paramLabel = "PRESS",
      description = "Presses to compare, e.g. h2o \"dms(h2o,threshold=0.0005)\"; see compare list.")
  List<String> methods = new ArrayList<>();

  @Option(
      names = "--compression-ratio",
      paramLabel = "RATIO",
      description = "Fraction of the cache to remove, one or several, each in [0, 1).")
  List<String> ratios = new ArrayList<>();

  @Option(
      names = "--budget",
      paramLabel = "TOKENS",
      description = "Tokens to keep instead, one or several.")
  List<String> budgets = new ArrayList<>();

  @Mixin CacheOptions cache = new CacheOptions();

  @Mixin ModelOptions model = new ModelOptions();

  @Mixin ReferenceOptions reference = new ReferenceOptions();

  @Mixin DataOptions data = new DataOptions();

  @Mixin TaskFlags flags = new TaskFlags();

  @Mixin PositionOptions positions = new PositionOptions();

  @Option(
      names = "--chunk-size",
      paramLabel = "TOKENS",
      description = "Tokens a pass (default: 256; 1 with --protocol streaming).")
  @Nullable String chunkSize;

  @Mixin PressOptions presses = new PressOptions();

  @Option(names = "--include-observed-attention", description = "Compare observed_attention too.")
  boolean includeObservedAttention;

  @Option(
      names = "--protocol",
      paramLabel = "NAME",
      description =
          "prefill: compress the context once; streaming: after every step (default:"
              + " ${DEFAULT-VALUE}).")
  String protocol = "prefill";

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Where the result files go (default: ${DEFAULT-VALUE}).")
  String output = "comparison_results";

  @Option(
      names = "--fresh",
      description = "Start over instead of going on where an earlier run of the same work stopped.")
  boolean fresh;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description =
          "Take only every N-th context, from the I-th on, for instance 2/8; compare merge joins"
              + " the folders of all shards.")
  @Nullable String shard;

  @Option(
      names = "--fork-budget",
      paramLabel = "BYTES",
      description =
          "Most memory of caches at once, e.g. 512m: methods come one after the other, so it bounds"
              + " the longest context (default: no bound).")
  @Nullable String forkBudget;

  @Option(
      names = "--log-samples",
      description =
          "Write the text of each context into samples.jsonl too; questions and answers are always"
              + " there.")
  boolean logSamples;

  @Option(
      names = "--dry-run",
      description = "Read models and data, say what would be done and how large it is, and stop.")
  boolean dryRun;

  @Option(
      names = "--fill-cache",
      description =
          "Say what would be done, export the model and the weights it is held against into"
              + " --cache-dir, and stop: once before many runs begin.")
  boolean fillCache;

  @Mixin GateOptions gate = new GateOptions();

  @Mixin WorkerOptions workers = new WorkerOptions();

  @Mixin HeatmapOptions heatmaps = new HeatmapOptions();

  @Mixin Verbosity verbosity = new Verbosity();

  @Spec @Nullable CommandSpec command;

  private final PressCatalog catalog;

  CompareCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  /**
   * What the options ask for.
   *
   * @param job the work
   * @param attention whose attention is drawn
   * @param conditions under which the results count as failed
   */
  record Checked(
      ComparisonJob job, Optional<AttentionRequest> attention, List<Condition> conditions) {}

  /** What was given of what is to be removed. */
  private Optional<String> removing(List<Double> fractions) {
    if (!budgets.isEmpty()) {
      return Optional.of("--budget " + String.join(" ", budgets));
    }
    return fractions.stream().anyMatch(fraction -> fraction > 0)
        ? Optional.of("--compression-ratio " + String.join(" ", ratios))
        : Optional.empty();
  }

  @Override
  public int run(Console console, Problems problems) {
    return run(
        console,
        problems,
        () -> workers.share(model, problems).map(share -> Crew.of(share, arguments())));
  }

  /**
   * The same by others than this process.
   *
   * @param crew who does the work; asked once all options are read
   */
  int run(Console console, Problems problems, Supplier<Optional<Crew>> crew) {
    Consumer<String> notices = verbosity.quiet ? line -> {} : console::note;
    Checked checked = check(notices, problems, crew);
    ComparisonJob job = checked.job();
    if (dryRun || fillCache) {
      int code = job.plan(console, notices);
      if (fillCache) {
        new CacheFilling(job.settings(), job.reference()).run(notices);
      }
      return code;
    }
    return job.run(
        console,
        notices,
        verbosity.quiet,
        fresh,
        logSamples,
        checked.attention(),
        checked.conditions());
  }

  /**
   * Checks the options, without opening the model.
   *
   * @param notices takes remarks
   * @param problems what was wrong with them as such
   * @throws dev.kvpress.compare.UsageException with all that is wrong
   */
  Checked check(Consumer<String> notices, Problems problems) {
    return check(notices, problems, Optional::empty);
  }

  private Checked check(
      Consumer<String> notices, Problems problems, Supplier<Optional<Crew>> crew) {
    Values values = new Values(problems);
    List<PressDefaults> sweep = presses.sweep(catalog, problems);
    Set<String> remarks = new LinkedHashSet<>();
    List<CellPlan.Method> named =
        CacheOptions.withFormats(
            MethodSweep.join(
                sweep.stream()
                    .map(
                        defaults ->
                            new Methods(catalog, defaults, problems)
                                .all(methods, includeObservedAttention, remarks::add))
                    .toList()),
            cache.formats(problems),
            new Methods(catalog, sweep.get(0), problems),
            remarks::add);
    Protocol when =
        values
            .choice(
                "--protocol",
                protocol,
                Map.of("prefill", Protocol.PREFILL, "streaming", Protocol.STREAMING))
            .orElse(Protocol.PREFILL);
    List<CellPlan.Method> chosen = positions.placed(named, when, problems);
    Methods.check(chosen, when, !ratios.isEmpty() || !budgets.isEmpty(), problems);
    List<Double> fractions = new ArrayList<>();
    Arguments.split(ratios)
        .forEach(text -> values.ratio("--compression-ratio", text).ifPresent(fractions::add));
    List<Integer> tokens = new ArrayList<>();
    Arguments.split(budgets)
        .forEach(text -> values.integer("--budget", text, 1).ifPresent(tokens::add));
    workers.applyTo(model);
    Optional<Crew> others = crew.get();
    Optional<RunSettings> settings =
        new RunOptions(model, data, flags)
            .settings(problems, when, chunkSize, presses.seedOrDefault())
            .map(read -> read.beyondTrained(positions.beyondTrained));
    Optional<Path> folder = outputFolder(values, problems);
    List<Task> asked =
        settings.map(RunSettings::tasks).orElse(List.of()).stream().map(TaskFile::task).toList();
    Methods.checkBatches(chosen, asked, problems);
    Shard part = values.shard("--shard", shard);
    OptionalLong bytes = values.bytes("--fork-budget", forkBudget);
    List<Condition> conditions = gate.conditions(asked, problems);
    Optional<AttentionRequest> attention = heatmaps.request(problems);
    ReferenceWeights.Wish wish =
        reference.wish(settings.flatMap(read -> read.options().weights()), problems);
    problems.throwIfAny();
    // Only now it is known that all methods could be made.
    OptionEffects.requireBudget(chosen, removing(fractions), problems);
    presses.requireEffect(chosen, catalog, problems);
    problems.throwIfAny();
    remarks.forEach(notices);
    DemoFiles.remark(model.model, !data.data.isEmpty(), asked).ifPresent(notices);
    List<CellPlan> cells =
        CellPlan.of(
            chosen, fractions.stream().distinct().toList(), tokens.stream().distinct().toList());
    ComparisonJob job =
        new ComparisonJob(
            settings.orElseThrow(),
            cells,
            sweep.get(0),
            presses.seedOrDefault(),
            folder.orElseThrow(),
            bytes,
            wish,
            CodeHash.ofProgramAnd(
                catalog.descriptors().stream().map(line -> line.factory().getClass()).toList()),
            part,
            others);
    return new Checked(job, attention, conditions);
  }

  /** As the command was started, with what a file of options says. */
  private List<String> arguments() {
    return command == null ? List.of() : command.commandLine().getParseResult().originalArgs();
  }

  private Optional<Path> outputFolder(Values values, Problems problems) {
    Optional<Path> folder = values.path("--output", output);
    if (folder.isPresent() && Files.exists(folder.get()) && !Files.isDirectory(folder.get())) {
      problems.add(
          "--output: expected a folder, found the file %s; give another name"
              .formatted(folder.get()));
    }
    return folder;
  }
}
