package dev.kvpress.compare.shape;

import dev.kvpress.compare.data.Row;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a data file is. Stateless. */
public interface DataShape {
  /** Name, tasks, columns. */
  ShapeCard card();

  /**
   * Looks closer at a file whose columns are this shape's: several benchmarks may share them.
   *
   * @param file its path, whose names may say what it is
   * @param rows the first ones, columns named as on the card; at least one
   * @return why it is another's file after all; empty where it is this shape's
   */
  default Optional<String> objection(Path file, List<Row> rows) {
    return Optional.empty();
  }
}
