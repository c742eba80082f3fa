package dev.kvpress.compare.run;

import com.google.common.collect.ImmutableList;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.compare.task.TaskOptions;
import dev.kvpress.runtime.decode.DecoderOptions;
import dev.kvpress.runtime.export.weights.WeightFormat;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Everything a comparison is run with, beside its methods.
 *
 * @param model what {@link dev.kvpress.runtime.decode.DecoderModel#open} takes
 * @param tasks what is asked of which data, at least one
 * @param options provider, threads, cache of exported models
 * @param protocol when caches are compressed
 * @param contextTokens where contexts end, unless the data says so
 * @param maxLength documents are cut to it
 * @param maxSamples at most so many samples of each task; empty: all
 * @param chunkTokens tokens per pass as asked for; empty: the protocol's own
 * @param taskOptions what the user wants of tasks
 * @param beyondTrained whether texts may go beyond the positions that the model was made for
 */
public record RunSettings(
    Path model,
    List<TaskFile> tasks,
    DecoderOptions options,
    Protocol protocol,
    OptionalInt contextTokens,
    OptionalInt maxLength,
    OptionalInt maxSamples,
    OptionalInt chunkTokens,
    TaskOptions taskOptions,
    boolean beyondTrained) {
  private static final int PREFILL_CHUNK = 256;

  /** Takes a copy. */
  public RunSettings {
    tasks = ImmutableList.copyOf(tasks);
  }

  /** Texts end where the model's positions do. */
  public RunSettings(
      Path model,
      List<TaskFile> tasks,
      DecoderOptions options,
      Protocol protocol,
      OptionalInt contextTokens,
      OptionalInt maxLength,
      OptionalInt maxSamples,
      OptionalInt chunkTokens,
      TaskOptions taskOptions) {
    this(
        model,
        tasks,
        options,
        protocol,
        contextTokens,
        maxLength,
        maxSamples,
        chunkTokens,
        taskOptions,
        false);
  }

  /** The same, with or without texts beyond the positions that the model was made for. */
  public RunSettings beyondTrained(boolean beyond) {
    return new RunSettings(
        model,
        tasks,
        options,
        protocol,
        contextTokens,
        maxLength,
        maxSamples,
        chunkTokens,
        taskOptions,
        beyond);
  }

  /** The same with other tasks. */
  public RunSettings withTasks(List<TaskFile> others) {
    return new RunSettings(
        model,
        others,
        options,
        protocol,
        contextTokens,
        maxLength,
        maxSamples,
        chunkTokens,
        taskOptions,
        beyondTrained);
  }

  /** The same on weights of another format. */
  public RunSettings withWeights(WeightFormat format) {
    return with(options.with(format));
  }

  /** The same with a model that is opened otherwise. */
  public RunSettings with(DecoderOptions others) {
    return new RunSettings(
        model,
        tasks,
        others,
        protocol,
        contextTokens,
        maxLength,
        maxSamples,
        chunkTokens,
        taskOptions,
        beyondTrained);
  }

  /** Tokens per pass. */
  public int chunkSize() {
    return chunkTokens.orElse(protocol == Protocol.STREAMING ? 1 : PREFILL_CHUNK);
  }
}
