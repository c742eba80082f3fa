package dev.kvpress.compare.bench;

import dev.kvpress.runtime.export.ExportCache;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
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

  @Option(names = "--layers", description = "Layers of it (default: all that the shape has).")
  OptionalInt layers = OptionalInt.empty();

  /** The shape with as many layers as were asked for. */
  BenchShape shape() {
    BenchShape whole = preset.shape();
    return layers.isPresent() ? whole.withLayers(layers.getAsInt()) : whole;
  }

  /** The model's folder; its graphs are exported too, so that no measured process has to. */
  Path model() throws IOException {
    Path folder = BenchModel.cached(cacheDir, shape(), seed);
    ExportCache.of(cacheDir).export(folder);
    return folder;
  }
}
