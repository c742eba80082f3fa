package dev.kvpress.runtime.decode;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import dev.kvpress.runtime.auxiliary.AuxiliarySources;
import dev.kvpress.runtime.export.weights.WeightFormat;
import dev.kvpress.runtime.ort.Provider;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a model is loaded.
 *
 * @param provider where graphs run
 * @param device number of the GPU; 0 on the processor
 * @param threads threads within an operator, and of a press; 0 for as many as there are cores
 * @param cacheDir where exported graphs are kept
 * @param auxiliaries where trained tensors of presses are looked for
 * @param weights format in which checkpoints are exported; empty for what suits the checkpoint
 */
public record DecoderOptions(
    Provider provider,
    int device,
    int threads,
    Path cacheDir,
    AuxiliarySources auxiliaries,
    Optional<WeightFormat> weights) {
  /** Checks the ranges. */
  public DecoderOptions {
    requireNonNull(provider, "provider is null");
    requireNonNull(cacheDir, "cacheDir is null");
    requireNonNull(auxiliaries, "auxiliaries is null");
    requireNonNull(weights, "weights is null");
    checkArgument(device >= 0, "device must not be negative, found %s", device);
    checkArgument(threads >= 0, "threads must not be negative, found %s", threads);
  }

  /** The format in which a checkpoint is exported. */
  public WeightFormat exportFormat() {
    return weights.orElse(WeightFormat.STORED);
  }

  /** With trained tensors from beside the model only. */
  public DecoderOptions(Provider provider, int device, int threads, Path cacheDir) {
    this(provider, device, threads, cacheDir, AuxiliarySources.NONE, Optional.empty());
  }

  /** The number of threads meant: for 0 that of the (physical) cores which this process may use. */
  public int usedThreads() {
    return threads > 0 ? threads : ProcessorCores.count();
  }

  /** The same with another number of threads. */
  public DecoderOptions withThreads(int count) {
    return new DecoderOptions(provider, device, count, cacheDir, auxiliaries, weights);
  }

  /** The same with other places of trained tensors. */
  public DecoderOptions with(AuxiliarySources sources) {
    return new DecoderOptions(provider, device, threads, cacheDir, sources, weights);
  }

  /** The same with weights of a format. */
  public DecoderOptions with(WeightFormat format) {
    return new DecoderOptions(
        provider, device, threads, cacheDir, auxiliaries, Optional.of(format));
  }

  /** The processor with all its cores. */
  public static DecoderOptions cpu(Path cacheDir) {
    return new DecoderOptions(Provider.CPU, 0, 0, cacheDir);
  }
}
