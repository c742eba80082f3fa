package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.report.CellRow;
import dev.kvpress.compare.report.ResultFiles;
import dev.kvpress.compare.report.ResultTable;
import dev.kvpress.compare.report.RunManifest;
import dev.kvpress.compare.run.CellOutcome;
import dev.kvpress.compare.run.CellPlan;
import dev.kvpress.compare.run.Comparison;
import dev.kvpress.compare.run.Protocol;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The main job: methods at ratios over texts, as a table and as files. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Tells which KV-cache press, at which ratio, is best for a model.",
    footer = {
      "",
      "Names may be written with underscores too: --compression_ratio. Every parameter of every press",
      "is an option that sets its default, for instance --snapkv-window-size; compare list shows them.",
      "",
      "Example:",
      "  compare --methods h2o snapkv \"dms(knorm,threshold=-4)\" --compression-ratio 0.3 0.6 \\",
      "          --model DIR --data-path stories.txt",
      "",
      "Exit codes: 0 done; 1 a fault of the program; 2 wrong options or input; 3 some cells failed."
    })
final class CompareCommand implements Action {
  private static final String PERPLEXITY = "perplexity";

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

  @Mixin ModelOptions model = new ModelOptions();

  @Option(
      names = "--data-path",
      paramLabel = "FILE",
      description =
          "JSON lines with text or token_ids, or a text split at <|endoftext|> lines (default: the stories of the repository).")
  @Nullable String data;

  @Option(
      names = "--tasks",
      paramLabel = "TASK",
      description = "What to ask (default: ${DEFAULT-VALUE}).")
  String tasks = PERPLEXITY;

  @Option(
      names = "--context-tokens",
      paramLabel = "TOKENS",
      description = "Where the compressed context ends (default: as the data says, else 3/4).")
  @Nullable String contextTokens;

  @Option(
      names = "--max-length",
      paramLabel = "TOKENS",
      description = "Documents are cut to it (default: the model's positions).")
  @Nullable String maxLength;

  @Option(
      names = "--max-samples",
      paramLabel = "COUNT",
      description = "At most so many documents of each file (default: all).")
  @Nullable String maxSamples;

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
          "prefill: compress the context once; streaming: after every step (default: ${DEFAULT-VALUE}).")
  String protocol = "prefill";

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Where the result files go (default: ${DEFAULT-VALUE}).")
  String output = "comparison_results";

  @Option(
      names = {"-q", "--quiet"},
      description = "No remarks and no progress bar.")
  boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show where faults come from.")
  boolean verbose;

  private final PressCatalog catalog;

  CompareCommand(PressCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public int run(Console console, Problems problems) {
    Values values = new Values(problems);
    PressDefaults defaults = presses.defaults(catalog, problems);
    Consumer<String> notices = quiet ? line -> {} : console::note;
    List<String> remarks = new ArrayList<>();
    Methods made = new Methods(catalog, defaults, problems);
    List<CellPlan.Method> chosen = made.all(methods, includeObservedAttention, remarks::add);
    Protocol when =
        values
            .choice(
                "--protocol",
                protocol,
                Map.of("prefill", Protocol.PREFILL, "streaming", Protocol.STREAMING))
            .orElse(Protocol.PREFILL);
    made.check(chosen, when, !ratios.isEmpty() || !budgets.isEmpty());
    List<Double> fractions = new ArrayList<>();
    Arguments.split(ratios)
        .forEach(text -> values.ratio("--compression-ratio", text).ifPresent(fractions::add));
    List<Integer> tokens = new ArrayList<>();
    Arguments.split(budgets)
        .forEach(text -> values.integer("--budget", text, 1).ifPresent(tokens::add));
    Optional<RunSettings> settings = settings(values, problems, when);
    Optional<Path> folder = outputFolder(values, problems);
    problems.throwIfAny();
    remarks.forEach(notices);
    DemoFiles.remark(model.model, data).ifPresent(notices);
    List<CellPlan> cells =
        CellPlan.of(
            chosen, fractions.stream().distinct().toList(), tokens.stream().distinct().toList());
    return compare(console, settings.orElseThrow(), cells, defaults, folder.orElseThrow(), notices);
  }

  private Optional<RunSettings> settings(Values values, Problems problems, Protocol when) {
    Optional<Path> path = model.model(problems);
    Optional<DecoderOptions> decoder = model.decoder(problems);
    Optional<Path> file =
        DemoFiles.orGiven(values, "--data-path", data, DemoFiles.DATA, "a data file");
    values.choice("--tasks", tasks, Map.of(PERPLEXITY, PERPLEXITY));
    OptionalInt context = values.integer("--context-tokens", contextTokens, 1);
    OptionalInt length = values.integer("--max-length", maxLength, 2);
    OptionalInt samples = values.integer("--max-samples", maxSamples, 1);
    OptionalInt chunk = values.integer("--chunk-size", chunkSize, 1);
    if (path.isEmpty() || decoder.isEmpty() || file.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new RunSettings(
            path.get(),
            file.get(),
            PERPLEXITY,
            decoder.get(),
            when,
            context,
            length,
            samples,
            chunk));
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

  private int compare(
      Console console,
      RunSettings settings,
      List<CellPlan> cells,
      PressDefaults defaults,
      Path folder,
      Consumer<String> notices) {
    Instant started = Instant.now();
    // Before the work, so that an unwritable folder does not cost a run.
    ResultFiles files = new ResultFiles(folder);
    Optional<Tokenizer> tokenizer = Tokenizers.find(settings.model());
    List<CellOutcome> outcomes;
    RunManifest manifest;
    boolean bar = console.terminal() && !quiet;
    try (DecoderModel loaded = DecoderModel.open(settings.model(), settings.options());
        ProgressBar progress = new ProgressBar(console.err(), bar, notices)) {
      outcomes = new Comparison(settings, cells, progress).run(loaded, tokenizer);
      manifest =
          new Manifest(settings, cells, defaults, presses.seedOrDefault())
              .of(started, loaded, tokenizer, outcomes);
    }
    String dataName = String.valueOf(settings.data().getFileName());
    List<CellRow> rows = CellRow.of(settings.task(), dataName, outcomes);
    files.write(settings.task(), rows, outcomes, manifest);
    console.out().print(ResultTable.of(rows));
    notices.accept("results are in " + folder);
    boolean failed = outcomes.stream().anyMatch(cell -> cell.error().isPresent());
    return failed ? ExitCode.PARTIAL : ExitCode.OK;
  }
}
