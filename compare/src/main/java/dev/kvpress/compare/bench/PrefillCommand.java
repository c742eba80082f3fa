package dev.kvpress.compare.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench prefill}: what the signals of h2o cost in time and memory. */
@Command(
    name = "prefill",
    mixinStandardHelpOptions = true,
    description = {
      "Prefill with h2o's signals against the same prefill without any signal.",
      "Each run is a fresh process: it loads the model, prefills 64 tokens to warm up (sessions,",
      "weights in memory), then measures one prefill. Sides alternate; medians are printed.",
      "Peak: the most resident memory above that after the warm-up."
    })
final class PrefillCommand implements Callable<Integer> {
  @Option(
      names = "--tokens",
      arity = "1..*",
      defaultValue = "4096",
      description = "Lengths of the prompt (default ${DEFAULT-VALUE}).")
  int[] tokens = {};

  @Option(
      names = "--pairs",
      defaultValue = "5",
      description = "Runs of each side (default ${DEFAULT-VALUE}).")
  int pairs;

  @Option(names = "--decomposed", description = "Measure h2o on standard operators as well.")
  boolean decomposed;

  @Option(names = "--check", description = "End with exit code 4 if a target is missed.")
  boolean check;

  @Mixin BenchOptions options;

  @Override
  public Integer call() throws IOException {
    Path model = options.model();
    PrefillReport report = new PrefillReport(options.shape(), options.chunk);
    for (int length : tokens) {
      Map<PrefillSide.Kind, List<Figures>> runs = new EnumMap<>(PrefillSide.Kind.class);
      for (int pair = 0; pair < pairs; pair++) {
        for (PrefillSide.Kind kind : PrefillSide.Kind.values()) {
          if (kind != PrefillSide.Kind.H2O_DECOMPOSED || decomposed) {
            runs.computeIfAbsent(kind, k -> new ArrayList<>()).add(run(kind, model, length));
          }
        }
        System.err.printf("bench: %d tokens, pair %d of %d%n", length, pair + 1, pairs);
      }
      report.add(length, runs);
    }
    System.out.printf("weights: %s%n", options.weights.label());
    System.out.print(report.table());
    boolean met = report.checks().stream().allMatch(Check::isMet);
    return met || !check ? 0 : BenchMain.TARGET_MISSED;
  }

  private Figures run(PrefillSide.Kind kind, Path model, int length) throws IOException {
    return ChildJvm.run(
        PrefillSide.class,
        List.of(
            kind.name(),
            model.toString(),
            options.cacheDir.toString(),
            Integer.toString(length),
            Integer.toString(options.chunk),
            Integer.toString(options.threads),
            Long.toString(options.seed),
            options.weights.name()));
  }
}
