package dev.kvpress.compare.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.cli.Main;
import dev.kvpress.presses.BudgetKind;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressSpecException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code bench throughput}: the task of that name on a random model, as {@code compare} runs it.
 */
@Command(
    name = "throughput",
    mixinStandardHelpOptions = true,
    description = {
      "Tokens per second against batch size behind a prompt of random tokens: full cache, H2O at 20",
      "per cent (half heavy hitters, half recent tokens, evicting at every step, the setting of its",
      "paper) and recent tokens only. With --cache-budget the largest batch that fits is measured",
      "too. Table, files and picture are those of compare --tasks throughput."
    })
final class ThroughputCommand implements Callable<Integer> {
  private static final int FIRST_ID = 3;
  private static final double DEFAULT_RATIO = 0.8;

  @Option(
      names = "--tokens",
      defaultValue = "1024",
      description = "Length of the prompt (default ${DEFAULT-VALUE}).")
  int tokens;

  @Option(
      names = "--new-tokens",
      defaultValue = "32",
      description = "Tokens that each row generates (default ${DEFAULT-VALUE}).")
  int newTokens;

  @Option(
      names = "--methods",
      arity = "1..*",
      description = "Presses (default: baseline, h2o(heavy_ratio=0.1,recent_ratio=0.1), local).")
  List<String> methods = List.of("baseline", "h2o(heavy_ratio=0.1,recent_ratio=0.1)", "local");

  @Option(
      names = "--compression-ratio",
      description = "Fraction removed by presses without sizes of their own (default 0.8).")
  Optional<Double> ratio = Optional.empty();

  @Option(
      names = "--batch-sizes",
      arity = "1..*",
      description =
          "Rows of the batches (default: powers of two up to 16, or as the budget allows).")
  List<Integer> sizes = List.of();

  @Option(
      names = "--cache-budget",
      description = "What the caches of a batch may take, for instance 512m (default: no budget).")
  Optional<String> budget = Optional.empty();

  @Option(
      names = "--repetitions",
      defaultValue = "5",
      description = "Runs of which medians are taken (default ${DEFAULT-VALUE}).")
  int repetitions;

  @Option(
      names = "--output",
      defaultValue = "throughput-results",
      description = "Folder of the results (default ${DEFAULT-VALUE}).")
  Path output = Path.of("throughput-results");

  @Mixin BenchOptions options;

  @Override
  public Integer call() throws IOException {
    Path model = options.model();
    Path folder = Files.createTempDirectory("throughput");
    Path data = folder.resolve("random_tokens.jsonl");
    try {
      Files.writeString(data, prompt());
      return Main.run(
          arguments(model, data).toArray(String[]::new), System.in, System.out, System.err);
    } finally {
      Files.deleteIfExists(data);
      Files.delete(folder);
    }
  }

  private String prompt() {
    Random random = new Random(options.seed);
    ObjectNode row = new ObjectMapper().createObjectNode();
    // The file has what is generated too, which the prompt does not.
    random
        .ints(tokens + newTokens, FIRST_ID, options.shape().vocabulary())
        .forEach(row.putArray("token_ids")::add);
    return row.put("context_tokens", tokens) + System.lineSeparator();
  }

  /** Whether any press heeds a ratio; what cannot be made is told where it is compared. */
  private boolean followsBudget() {
    PressCatalog catalog = PressCatalog.load();
    try {
      return methods.stream()
          .anyMatch(spec -> catalog.make(spec).press().budgetKind() != BudgetKind.OWN);
    } catch (PressSpecException e) {
      return true;
    }
  }

  private List<String> arguments(Path model, Path data) {
    List<String> all = new ArrayList<>(List.of("--tasks", "throughput", "--methods"));
    all.addAll(methods);
    all.addAll(List.of("--model", model.toString(), "--data-path", data.toString()));
    all.addAll(List.of("--cache-dir", options.cacheDir.toString()));
    ratio
        .or(() -> followsBudget() ? Optional.of(DEFAULT_RATIO) : Optional.empty())
        .ifPresent(given -> all.addAll(List.of("--compression-ratio", given.toString())));
    all.addAll(List.of("--max-new-tokens", Integer.toString(newTokens)));
    all.addAll(List.of("--repetitions", Integer.toString(repetitions)));
    all.addAll(List.of("--threads", Integer.toString(options.threads)));
    all.addAll(List.of("--chunk-size", Integer.toString(options.chunk)));
    all.addAll(List.of("--weights", options.weights.label()));
    all.addAll(List.of("--output", output.toString(), "--fresh"));
    budget.ifPresent(bytes -> all.addAll(List.of("--cache-budget", bytes)));
    if (!sizes.isEmpty()) {
      all.add("--batch-sizes");
      sizes.forEach(rows -> all.add(rows.toString()));
    }
    return all;
  }
}
