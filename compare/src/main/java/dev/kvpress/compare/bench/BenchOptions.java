package dev.kvpress.compare.bench;

import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.ort.Provider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Options of all commands that measure. */
public final class BenchOptions {
  @Option(
      names = {"--chunk", "--chunk-size", "--chunk_size"},
      defaultValue = "256",
      description = "Tokens per pass of a prefill (default ${DEFAULT-VALUE}).")
  int chunk;

  @Option(
      names = "--threads",
      defaultValue = "2",
      description = "Threads within an operator (default ${DEFAULT-VALUE}).")
  int threads;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Seed of weights and token ids (default ${DEFAULT-VALUE}).")
  long seed;

  @Option(
      names = {"--cache-dir", "--cache_dir"},
      description = "Where the model is kept (default: kvpress in the user's cache folder).")
  Path cacheDir = Path.of(System.getProperty("user.home"), ".cache", "kvpress");

  @Option(
      names = "--shape",
      defaultValue = "25m",
      converter = ShapePreset.Converter.class,
      completionCandidates = ShapePreset.Labels.class,
      description = "The random Llama: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  ShapePreset preset = ShapePreset.MILLIONS_25;

  @Option(
      names = "--weights",
      defaultValue = "F32",
      description = "Format of the weights: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  WeightFormat weights = WeightFormat.F32;

  @Option(names = "--layers", description = "Layers of it (default: all that the shape has).")
  Optional<Integer> layers = Optional.empty();

  /** The shape with as many layers as were asked for. */
  BenchShape shape() {
    BenchShape whole = preset.shape();
    return layers.map(whole::withLayers).orElse(whole);
  }

  /** How measured processes open the model. */
  static DecoderOptions decoder(WeightFormat weights, int threads, Path cacheDir) {
    return new DecoderOptions(Provider.CPU, 0, threads, cacheDir).with(weights);
  }

  /** The model's folder; its graphs are exported too, so that no measured process has to. */
  Path model() throws IOException {
    Path folder = BenchModel.cached(cacheDir, shape(), seed);
    DecoderModel.open(folder, decoder(weights, threads, cacheDir)).close();
    return folder;
  }
}
