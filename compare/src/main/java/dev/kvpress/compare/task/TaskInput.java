package dev.kvpress.compare.task;

import dev.kvpress.compare.data.EncodedDocuments;
import dev.kvpress.compare.data.SampleRules;
import dev.kvpress.compare.shape.catalog.DataSource;
import dev.kvpress.runtime.text.Tokenizer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a task reads and what it has to mind.
 *
 * @param data the file, whose shape is one of the task's
 * @param tokenizer absent for models that run on token ids only
 * @param rules what the model and the command line allow a sample to be
 * @param maxSamples at most so many
 * @param options what the user wants of tasks
 */
public record TaskInput(
    DataSource data,
    Optional<Tokenizer> tokenizer,
    SampleRules rules,
    int maxSamples,
    TaskOptions options) {
  /** The data's (first) file, for messages. */
  public Path file() {
    return data.file();
  }

  /** The documents of the data as token ids. */
  EncodedDocuments encoded(int samples) {
    return EncodedDocuments.encode(file(), data.documents(), tokenizer, rules, samples);
  }
}
