package dev.kvpress.compare.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench decode}: what removing tokens gains per decoded token. */
@Command(
    name = "decode",
    mixinStandardHelpOptions = true,
    description = {
      "Time per token with the full cache, with one from which tokens were removed, and with a",
      "context that was that short from the start; fused attention in place and standard",
      "operators. Each run is a fresh process in which the three take turns of 8 tokens."
    })
final class DecodeCommand implements Callable<Integer> {
  private static final double MIB = 1 << 20;

  @Option(
      names = "--tokens",
      defaultValue = "4096",
      description = "Length of the prompt (default ${DEFAULT-VALUE}).")
  int tokens;

  @Option(
      names = "--removed",
      defaultValue = "0.9",
      description = "Fraction of the cache that is removed (default ${DEFAULT-VALUE}).")
  double removed;

  @Option(
      names = "--pairs",
      defaultValue = "5",
      description = "Processes per form (default ${DEFAULT-VALUE}).")
  int pairs;

  @Option(
      names = "--turns",
      defaultValue = "4",
      description = "Timed turns of 8 tokens in each process (default ${DEFAULT-VALUE}).")
  int turns;

  @Mixin BenchOptions options;

  @Override
  public Integer call() throws IOException {
    Path model = options.model();
    Map<String, List<Figures>> runs = new LinkedHashMap<>();
    for (int pair = 0; pair < pairs; pair++) {
      for (String form : List.of("fused", "decomposed")) {
        runs.computeIfAbsent(form, f -> new ArrayList<>()).add(run(form, model));
      }
      System.err.printf("bench: decode, pair %d of %d%n", pair + 1, pairs);
    }
    System.out.printf("weights: %s%n", options.weights.label());
    System.out.print(table(runs));
    return 0;
  }

  static String table(Map<String, List<Figures>> runs) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%-11s %-6s %13s %11s %10s%n"
            .formatted("attention", "cache", "ms per token", "of full", "MiB"));
    runs.forEach(
        (form, figures) -> {
          double full = Figures.median(figures, "full");
          for (String cache : List.of("full", "cut", "short")) {
            double millis = Figures.median(figures, cache);
            text.append(
                String.format(
                    Locale.ROOT,
                    "%-11s %-6s %13.2f %11.2f %10.1f%n",
                    form,
                    cache,
                    millis,
                    millis / full,
                    Figures.median(figures, cache + "_bytes") / MIB));
          }
        });
    return text.toString();
  }

  private Figures run(String form, Path model) throws IOException {
    return ChildJvm.run(
        DecodeSide.class,
        List.of(
            form,
            model.toString(),
            options.cacheDir.toString(),
            Integer.toString(tokens),
            Double.toString(removed),
            Integer.toString(turns),
            Integer.toString(options.chunk),
            Integer.toString(options.threads),
            options.weights.name()));
  }
}
