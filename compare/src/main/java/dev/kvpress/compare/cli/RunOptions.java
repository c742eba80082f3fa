package dev.kvpress.compare.cli;

import dev.kvpress.compare.Problems;
import dev.kvpress.compare.run.RunSettings;
import dev.kvpress.compare.run.TaskFile;
import dev.kvpress.compare.task.Protocol;
import dev.kvpress.compare.task.TaskOptions;
import dev.kvpress.runtime.decode.DecoderOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The options that say what is asked of which model, and how.
 *
 * @param model which
 * @param data what it is asked
 * @param flags how tasks go about it
 */
record RunOptions(ModelOptions model, DataOptions data, TaskFlags flags) {
  /**
   * What they say together; empty where something is wrong, which is noted then.
   *
   * @param chunkSize as typed
   * @param seed of what is drawn
   */
  Optional<RunSettings> settings(
      Problems problems, Protocol when, @Nullable String chunkSize, int seed) {
    Values values = new Values(problems);
    Optional<Path> path = model.model(problems);
    Optional<DecoderOptions> decoder = model.decoder(problems);
    List<TaskFile> tasks = data.tasks(when, problems);
    OptionalInt context = values.integer("--context-tokens", data.contextTokens, 1);
    OptionalInt length = values.integer("--max-length", data.maxLength, 2);
    OptionalInt samples = values.integer("--max-samples", data.maxSamples, 1);
    OptionalInt chunk = values.integer("--chunk-size", chunkSize, 1);
    OptionalInt newTokens = values.integer("--max-new-tokens", data.maxNewTokens, 1);
    boolean demo = model.model == null && data.data.isEmpty();
    TaskOptions options = flags.options(problems, path, data.queryAware, newTokens, seed, demo);
    if (path.isEmpty() || decoder.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new RunSettings(
            path.get(), tasks, decoder.get(), when, context, length, samples, chunk, options));
  }
}
