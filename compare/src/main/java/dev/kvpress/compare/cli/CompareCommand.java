package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.report.ResultFiles;
import dev.kvpress.compare.report.ResultTable;
import dev.kvpress.compare.run.Comparison;
import dev.kvpress.compare.run.Method;
import dev.kvpress.compare.run.Progress;
import dev.kvpress.compare.run.Protocol;
import dev.kvpress.compare.run.Provenance;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.run.Sweep;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDefaults;
import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.text.Tokenizer;
import dev.kvpress.runtime.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
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
      description = "JSON lines with text or token_ids, or a text split at <|endoftext|> lines.")
  List<String> data = new ArrayList<>();

  @Option(
      names = "--tasks",
      paramLabel = "TASK",
      description = "What to ask: perplexity (default).")
  List<String> tasks = new ArrayList<>();

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

  @Option(
      names = "--include-observed-attention",
      description = "Compare observed_attention too.")
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
    List<String> notices = new ArrayList<>();
    List<Method> chosen =
        new Methods(catalog, defaults, problems)
            .all(methods, includeObservedAttention, notices::add);
    Optional<Protocol> when =
        values.choice(
            "--protocol",
            protocol,
            Map.of("prefill", Protocol.PREFILL, "streaming", Protocol.STREAMING));
    List<Budget> read = sweepBudgets(values);
    boolean allWrong = read.isEmpty() && !(ratios.isEmpty() && budgets.isEmpty());
    // Ratios that are all wrong were reported as such and are not missing as well.
    List<Budget> planned = allWrong ? List.of(Budget.FULL) : read;
    Sweep sweep = Sweep.plan(chosen, planned, when.orElse(Protocol.PREFILL), problems);
    Optional<RunSettings> settings = settings(values, problems);
    Optional<Path> folder = outputFolder(values, problems);
    problems.throwIfAny();
    return compare(
        console, settings.orElseThrow(), sweep, folder.orElseThrow(), notices);
  }

  private List<Budget> sweepBudgets(Values values) {
    List<Budget> all = new ArrayList<>();
    for (String text : Arguments.split(ratios)) {
      values.ratio("--compression-ratio", text).ifPresent(all::add);
    }
    for (String text : Arguments.split(budgets)) {
      OptionalInt tokens = values.integer("--budget", text, 1);
      tokens.ifPresent(count -> all.add(Budget.tokens(count)));
    }
    return all.stream().distinct().toList();
  }

  private Optional<RunSettings> settings(Values values, Problems problems) {
    Optional<Path> path = model.model(problems);
    Optional<DecoderOptions> decoder = model.decoder(problems);
    List<Path> files = new ArrayList<>();
    if (data.isEmpty()) {
      values.existing("--data-path", null, "a data file");
    }
    data.forEach(
        text -> values.existing("--data-path", text, "a data file").ifPresent(files::add));
    List<String> asked = tasks.isEmpty() ? List.of(PERPLEXITY) : Arguments.split(tasks);
    asked.forEach(task -> values.choice("--tasks", task, Map.of(PERPLEXITY, PERPLEXITY)));
    OptionalInt context = values.integer("--context-tokens", contextTokens, 1);
    OptionalInt length = values.integer("--max-length", maxLength, 2);
    OptionalInt samples = values.integer("--max-samples", maxSamples, 1);
    OptionalInt chunk = values.integer("--chunk-size", chunkSize, 1);
    if (path.isEmpty() || decoder.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new RunSettings(
            path.get(),
            files.stream().distinct().toList(),
            asked.stream().distinct().toList(),
            decoder.get(),
            context,
            length,
            samples.orElse(Integer.MAX_VALUE),
            chunk,
            presses.seedOrDefault()));
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
      Console console, RunSettings settings, Sweep sweep, Path folder, List<String> notices) {
    if (!quiet) {
      notices.forEach(console::note);
    }
    Progress progress =
        console.terminal() && !quiet ? new ProgressBar(console.err()) : Progress.NONE;
    Optional<Tokenizer> tokenizer = Tokenizers.find(settings.model());
    Comparison.Result result;
    Provenance provenance;
    try (DecoderModel loaded = DecoderModel.open(settings.model(), settings.options())) {
      result =
          new Comparison(
                  settings, sweep, progress, quiet ? line -> {} : console::note)
              .run(loaded, tokenizer);
      provenance = new Provenance(settings, sweep, presses.defaults(catalog, new Problems()));
      provenance.describe(loaded, tokenizer);
    }
    console.out().print(ResultTable.of(result.cells()));
    try {
      new ResultFiles(folder)
          .write(result.cells(), result.samples(), provenance.manifest(Clock.systemUTC()));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--output: cannot write the results to %s: %s; give a folder that can be written"
              .formatted(folder, e),
          e);
    }
    if (!quiet) {
      console.note("results are in " + folder);
    }
    boolean failed = result.cells().stream().anyMatch(cell -> cell.error().isPresent());
    return failed ? ExitCode.PARTIAL : ExitCode.OK;
  }
}
