package dev.kvpress.compare.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.kvpress.compare.report.folder.ResultFolder;
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

  /** Writes results.json, results.csv, samples.jsonl, maps.jsonl, texts.jsonl and run.json. */
  public void write(RunRecord run) {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("schema_version", 1);
    results.put("cells", run.rows());
    if (!run.weights().isEmpty()) {
      results.put(ResultFolder.WEIGHTS, run.weights());
    }
    results.put("metrics", MetricNames.of(run.cells()));
    write("results.json", writer -> JSON.writeValue(writer, results));
    write("results.csv", writer -> FlatRow.writeCsv(writer, run.rows(), run.weights()));
    writeLines("samples.jsonl", SampleRow.of(run.cells(), run.prompts()));
    writeLines("maps.jsonl", MapRow.of(run.cells()));
    writeLines("texts.jsonl", run.texts());
    write("run.json", writer -> JSON.writeValue(writer, run.manifest().toJson()));
  }

  private void writeLines(String name, List<?> rows) {
    write(
        name,
        writer -> {
          for (Object row : rows) {
            writer.write(JSON_LINE.writeValueAsString(row));
            writer.write('\n');
          }
        });
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
