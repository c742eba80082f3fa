package dev.kvpress.compare.bench;

import dev.kvpress.runtime.decode.DecoderModel;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.ort.Provider;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options of both commands. */
final class BenchOptions {
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
      names = "--layers",
      defaultValue = "8",
      description = "Layers of the random model (default ${DEFAULT-VALUE}).")
  int layers;

  @Option(
      names = "--weights",
      defaultValue = "F32",
      description = "Format of the weights: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  WeightFormat weights = WeightFormat.F32;

  /** The default shape with as many layers as were asked for. */
  BenchShape shape() {
    BenchShape d = BenchShape.DEFAULT;
    return new BenchShape(
        layers,
        d.hidden(),
        d.intermediate(),
        d.heads(),
        d.kvHeads(),
        d.headSize(),
        d.vocabulary(),
        d.maxPositions());
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
