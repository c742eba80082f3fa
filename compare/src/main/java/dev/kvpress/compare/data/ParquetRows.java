package dev.kvpress.compare.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;

/** Rows of a Parquet file, a row group in memory at a time; no Hadoop installation is needed. */
final class ParquetRows implements Rows {
  private final String name;
  private final ParquetFileReader file;
  private final MessageType schema;
  private @Nullable RecordReader<Group> group;
  private long leftInGroup;
  private int number;

  private ParquetRows(String name, ParquetFileReader file) {
    this.name = name;
    this.file = file;
    this.schema = file.getFileMetaData().getSchema();
  }

  static Rows open(Path file) {
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration())
            .withCodecFactory(new ParquetCodecs())
            .build();
    try {
      return new ParquetRows(
          file.toString(), ParquetFileReader.open(new LocalInputFile(file), options));
    } catch (IOException | RuntimeException e) {
      throw new DataException(
          file + ": is no whole Parquet file: " + e.getMessage() + "; fetch it again", e);
    }
  }

  @Override
  public Optional<Row> next() {
    try {
      while (leftInGroup == 0) {
        PageReadStore pages = file.readNextRowGroup();
        if (pages == null) {
          return Optional.empty();
        }
        leftInGroup = pages.getRowCount();
        group =
            new ColumnIOFactory()
                .getColumnIO(schema)
                .getRecordReader(pages, new GroupRecordConverter(schema));
      }
      Group values = group == null ? null : group.read();
      if (values == null) {
        throw new DataException(name + ": ends within a row group; fetch it again");
      }
      leftInGroup--;
      number++;
      return Optional.of(Row.of(name, number, ParquetValues.object(values)));
    } catch (IOException | RuntimeException e) {
      if (e instanceof DataException own) {
        throw own;
      }
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new DataException(
          "%s: cannot be read behind row %d: %s".formatted(name, number, cause.getMessage()), e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new DataException(name + ": cannot be closed: " + e.getMessage(), e);
    }
  }
}
