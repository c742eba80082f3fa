package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.runtime.auxiliary.AuxiliarySources;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.ort.Provider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model, and where it runs. */
final class ModelOptions {
  @Option(
      names = "--model",
      paramLabel = "PATH",
      description =
          "Hugging Face folder, llama2.c checkpoint (or its folder), or ONNX decoder graph (default: the demo model of the repository).")
  @Nullable String model;

  @Option(
      names = "--cache-dir",
      paramLabel = "DIR",
      description =
          "Where exported graphs are kept (default: kvpress in $XDG_CACHE_HOME or ~/.cache).")
  @Nullable String cacheDir;

  @Option(
      names = "--provider",
      paramLabel = "NAME",
      description = "Where graphs run: cpu or cuda (default: ${DEFAULT-VALUE}).")
  String provider = "cpu";

  @Option(
      names = "--threads",
      paramLabel = "COUNT",
      description = "Threads within an operator (default: as many as there are cores).")
  @Nullable String threads;

  @Mixin WeightOptions weights = new WeightOptions();

  @Mixin AuxiliaryOptions auxiliaries = new AuxiliaryOptions();

  /** The model's path. */
  Optional<Path> model(Problems problems) {
    return DemoFiles.orGiven(
        new Values(problems),
        "--model",
        model,
        DemoFiles.MODEL,
        "a model folder, a llama2.c .bin or an .onnx file");
  }

  /** How to load it. */
  Optional<DecoderOptions> decoder(Problems problems) {
    Values values = new Values(problems);
    Map<String, Provider> providers = new LinkedHashMap<>();
    providers.put("cpu", Provider.CPU);
    providers.put("cuda", Provider.CUDA);
    Optional<Provider> chosen = values.choice("--provider", provider, providers);
    int count = values.integer("--threads", threads, 1).orElse(0);
    Path cache = values.path("--cache-dir", cacheDir).orElseGet(ModelOptions::defaultCache);
    if (Files.isRegularFile(cache)) {
      problems.add(
          "--cache-dir: expected a folder, found the file %s; give another name".formatted(cache));
    }
    AuxiliarySources sources = auxiliaries.sources(problems);
    Optional<WeightFormat> format = weights.format(problems);
    return chosen.map(where -> new DecoderOptions(where, 0, count, cache, sources, format));
  }

  private static Path defaultCache() {
    String base = System.getenv("XDG_CACHE_HOME");
    return base == null || base.isBlank()
        ? Path.of(System.getProperty("user.home", "."), ".cache", "kvpress")
        : Path.of(base, "kvpress");
  }
}
