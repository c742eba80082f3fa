package dev.kvpress.compare.bench;

import dev.kvpress.presses.CacheFormat;
import dev.kvpress.presses.spec.PressCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
      "operators. Each run is a fresh process in which the three take turns of 8 tokens. Weights",
      "and cache read per second stand beside a plain copy by as many threads in the same process."
    })
final class DecodeCommand implements Callable<Integer> {
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
      names = "--press",
      paramLabel = "SPEC",
      defaultValue = "streaming_llm",
      description = {
        "What removes it (default ${DEFAULT-VALUE}). Where that leaves heads of different length,",
        "the fused form's table has one more line: the same cache through standard operators, in",
        "turns with the others."
      })
  String press = "streaming_llm";

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

  @Option(
      names = "--attention",
      arity = "1..*",
      description = "Graphs to measure: ${COMPLETION-CANDIDATES} (default: both).")
  List<Form> forms = List.of(Form.values());

  @Option(
      names = {"--kv-bits", "--kv_bits"},
      arity = "1..*",
      paramLabel = "BITS",
      description = "The full cache packed in 8, 4 or 2 bits as well, one line each.")
  List<Integer> kvBits = List.of();

  @Option(names = "--check", description = "End with exit code 4 if a target is missed.")
  boolean check;

  @Mixin BenchOptions options;

  /** Which graph decodes. */
  enum Form {
    FUSED,
    DECOMPOSED
  }

  @Override
  public Integer call() throws IOException {
    // A mistake in it shall show before a model is made.
    PressCatalog.load().make(press);
    kvBits.forEach(CacheFormat::ofBits);
    Path model = options.model();
    Map<String, List<Figures>> runs = new LinkedHashMap<>();
    for (int pair = 0; pair < pairs; pair++) {
      for (Form form : forms) {
        String name = form.name().toLowerCase(Locale.ROOT);
        runs.computeIfAbsent(name, f -> new ArrayList<>()).add(run(name, model));
      }
      System.err.printf("bench: decode, pair %d of %d%n", pair + 1, pairs);
    }
    System.out.printf("weights: %s%n", options.weights.label());
    DecodeReport report =
        new DecodeReport(
            options.preset, BenchModel.readBytes(options.shape(), options.weights), runs);
    System.out.print(report.table());
    boolean met = report.checks().stream().allMatch(Check::isMet);
    return met || !check ? 0 : BenchMain.TARGET_MISSED;
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
            options.weights.name(),
            press,
            kvBits.stream().map(String::valueOf).collect(Collectors.joining(","))));
  }
}
