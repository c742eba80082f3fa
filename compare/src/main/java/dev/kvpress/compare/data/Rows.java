package dev.kvpress.compare.data;

import java.io.Closeable;
import java.util.Optional;

/** The rows of a data file in file order, one in memory at a time. */
public interface Rows extends Closeable {
  /**
   * The next row, or empty after the last one.
   *
   * @throws DataException naming the line that is no row
   */
  Optional<Row> next();

  @Override
  void close();
}
