package dev.kvpress.compare.bench;

import static java.util.Objects.requireNonNull;

import dev.kvpress.compare.support.PressTraits;
import dev.kvpress.presses.Budget;
import dev.kvpress.presses.spec.NamedPress;
import dev.kvpress.presses.spec.PressCatalog;
import dev.kvpress.presses.spec.PressDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench press-memory}: what each press takes at its peak, from prompt to cut cache. */
@Command(
    name = "press-memory",
    mixinStandardHelpOptions = true,
    description = {
      "Peak memory of prefill and press, against the fused prefill without signals and what the",
      "press asks for by its nature (rows of attention, whole queries, hidden states and so on).",
      "Each run is a fresh process: it loads the model, prefills and cuts 192 tokens to warm up",
      "(sessions, weights in memory), then measures one prompt. Medians are printed. Peak: the most",
      "resident memory above that after the warm-up; loaded: proportional memory (Pss) after it."
    })
final class PressMemoryCommand implements Callable<Integer> {
  private static final String NONE = "baseline";

  /** A heap that grows with what is alive, so that garbage stays out of the peak. */
  private static final List<String> HEAP = List.of("-Xms24m", "-XX:MinHeapFreeRatio=10");

  /** Presses that do nothing without parameters. */
  private static final Map<String, String> WORKING =
      Map.of(
          "think", "think(key_channel_compression_ratio=0.5)",
          "decoding", "decoding(knorm,compression_interval=2,target_size=1638)",
          "cam", "cam(knorm,compression_interval=2,target_size=1638)");

  /** Wrappers around presses that have signals. */
  private static final List<String> WRAPPED =
      List.of("adakv(snapkv)", "criticalkv(expected_attention)", "chunkkv(snapkv)");

  @Option(
      names = "--methods",
      arity = "1..*",
      paramLabel = "PRESS",
      description = "Presses to measure (default: an example of every one).")
  List<String> methods = new ArrayList<>();

  @Option(
      names = "--compression-ratio",
      defaultValue = "0.6",
      description = "Fraction of the cache to remove (default ${DEFAULT-VALUE}).")
  double ratio;

  @Option(
      names = "--tokens",
      defaultValue = "4096",
      description = "Length of the prompt (default ${DEFAULT-VALUE}).")
  int tokens;

  @Option(
      names = "--runs",
      defaultValue = "3",
      description = "Processes of each press (default ${DEFAULT-VALUE}).")
  int runs;

  @Option(names = "--output", description = "A JSON file for all figures of all runs.")
  Optional<Path> output = Optional.empty();

  @Option(names = "--check", description = "End with exit code 4 if a press takes more.")
  boolean check;

  @Mixin BenchOptions options;

  @Override
  public Integer call() throws IOException {
    PressCatalog catalog = PressCatalog.load();
    Set<NamedPress> presses = presses(catalog);
    Path model = options.model();
    Path trained = TrainedTensors.cached(options.cacheDir, options.shape(), options.seed);
    Map<String, List<Figures>> measured = new LinkedHashMap<>();
    for (int run = 0; run < runs; run++) {
      measure(NONE, model, trained, measured);
      for (NamedPress press : presses) {
        measure(press.spec().toString(), model, trained, measured);
      }
      System.err.printf("bench: press-memory, run %d of %d%n", run + 1, runs);
    }
    PressMemoryReport report =
        new PressMemoryReport(tokens, options.chunk, ratio, requireNonNull(measured.get(NONE)));
    int kept = Budget.ratio(ratio).keptOf(tokens);
    for (NamedPress press : presses) {
      NaturalMemory nature =
          NaturalMemory.of(press.press(), options.shape(), tokens, options.chunk, kept);
      String spec = press.spec().toString();
      report.add(spec, nature, requireNonNull(measured.get(spec)));
    }
    System.out.printf("weights: %s%n", options.weights.label());
    System.out.print(report.table());
    if (output.isPresent()) {
      Files.writeString(output.get(), report.json());
    }
    boolean met = report.checks().stream().allMatch(Check::isMet);
    return met || !check ? 0 : BenchMain.TARGET_MISSED;
  }

  private Set<NamedPress> presses(PressCatalog catalog) {
    Set<NamedPress> presses = new LinkedHashSet<>();
    methods.forEach(spec -> presses.add(catalog.make(spec)));
    if (!presses.isEmpty()) {
      return presses;
    }
    for (PressDescriptor descriptor : catalog.descriptors()) {
      String working = WORKING.get(descriptor.name());
      if (working != null) {
        presses.add(catalog.make(working));
      } else if (!descriptor.name().equals(NONE)) {
        PressTraits.of(descriptor, catalog)
            .exampleFor(catalog, options.shape().layers())
            .ifPresent(presses::add);
      }
    }
    WRAPPED.forEach(spec -> presses.add(catalog.make(spec)));
    return presses;
  }

  private void measure(String press, Path model, Path trained, Map<String, List<Figures>> measured)
      throws IOException {
    Figures figures =
        ChildJvm.run(
            PressMemorySide.class,
            HEAP,
            List.of(
                press,
                model.toString(),
                options.cacheDir.toString(),
                trained.toString(),
                Double.toString(ratio),
                Integer.toString(tokens),
                Integer.toString(options.chunk),
                Integer.toString(options.threads),
                Long.toString(options.seed),
                options.weights.name()));
    measured.computeIfAbsent(press, spec -> new ArrayList<>()).add(figures);
  }
}
