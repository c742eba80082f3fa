package dev.kvpress.compare.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.kvpress.compare.run.CellOutcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the files of a run; each appears whole or not at all. */
public final class ResultFiles {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
  private static final ObjectMapper JSON_LINE = new ObjectMapper();
  private static final String WARNING_SEPARATOR = "; ";

  private final Path folder;

  /**
   * Files in a folder, which is made if need be.
   *
   * @throws UncheckedIOException if it cannot be made
   */
  public ResultFiles(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the output folder " + folder, e);
    }
  }

  /** Writes results.json, results.csv, samples.jsonl and run.json. */
  public void write(
      String task, List<CellRow> rows, List<CellOutcome> cells, RunManifest manifest) {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("schema_version", 1);
    results.put("cells", rows);
    write("results.json", writer -> JSON.writeValue(writer, results));
    write("results.csv", writer -> writeCsv(writer, rows));
    write(
        "samples.jsonl",
        writer -> {
          for (SampleRow row : SampleRow.of(task, cells)) {
            writer.write(JSON_LINE.writeValueAsString(row));
            writer.write('\n');
          }
        });
    write("run.json", writer -> JSON.writeValue(writer, manifest.toJson()));
  }

  private static void writeCsv(java.io.Writer writer, List<CellRow> rows) throws IOException {
    CsvMapper csv = new CsvMapper();
    csv.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    CsvSchema schema =
        csv.schemaFor(CellRow.class).withHeader().withArrayElementSeparator(WARNING_SEPARATOR);
    csv.writer(schema).writeValue(writer, rows);
  }

  private interface Content {
    void writeTo(java.io.Writer writer) throws IOException;
  }

  private void write(String name, Content content) {
    Path file = folder.resolve(name);
    Path part = folder.resolve("." + name + ".part");
    try {
      try (java.io.Writer writer = Files.newBufferedWriter(part)) {
        content.writeTo(writer);
      }
      try {
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
