package dev.kvpress.compare.data;

import java.nio.file.Path;

/** Rows of a Parquet file. */
final class ParquetRows {
  private ParquetRows() {}

  static Rows open(Path file) {
    throw new DataException(
        file + ": Parquet is not read; save it as JSON lines, for instance with pandas' to_json");
  }
}
