package dev.kvpress.compare.data;

import java.util.Objects;

/**
 * Where a sample of a task comes from.
 *
 * @param index place among the samples of its file, from 0
 * @param source name of its file, for messages
 * @param line where it begins, from 1
 */
public record Origin(int index, String source, int line) {
  /** Checks the ranges. */
  public Origin {
    Objects.requireNonNull(source, "source is null");
    if (index < 0 || line < 1) {
      throw new IllegalArgumentException(
          "index must be at least 0 and line at least 1, found " + index + " and " + line);
    }
  }

  /** The beginning of a message about this sample: file, line number, colon. */
  public String place() {
    return source + ":" + line + ": ";
  }
}
