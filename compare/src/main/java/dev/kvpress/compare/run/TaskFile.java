package dev.kvpress.compare.run;

import dev.kvpress.compare.shape.catalog.DataSource;
import dev.kvpress.compare.task.Task;
import java.nio.file.Path;

/**
 * A task and the file it reads.
 *
 * @param task what is asked
 * @param data the file and its shape
 */
public record TaskFile(Task task, DataSource data) {
  /** The (first) file. */
  public Path file() {
    return data.file();
  }
}
