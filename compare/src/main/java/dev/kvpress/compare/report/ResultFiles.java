package dev.kvpress.compare.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.kvpress.compare.WholeFile;
import dev.kvpress.compare.report.folder.ResultFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
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

  /** Writes results.json and results.csv. */
  void write(RunResults run, MetricNames metrics) {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("schema_version", 1);
    results.put("cells", run.rows());
    if (!run.weights().isEmpty()) {
      results.put(ResultFolder.WEIGHTS, run.weights());
    }
    results.put("metrics", metrics.entries());
    WholeFile.write(file("results.json"), writer -> JSON.writeValue(writer, results));
    WholeFile.write(
        file("results.csv"), writer -> FlatRow.writeCsv(writer, run.rows(), run.weights()));
  }

  /** Writes run.json. */
  public void write(RunManifest manifest) {
    WholeFile.write(file("run.json"), writer -> JSON.writeValue(writer, manifest.toJson()));
  }

  /** Begins a file of lines. */
  Lines lines(String name) {
    return new Lines(WholeFile.begin(file(name)));
  }

  /** A file of JSON lines that appears when it is finished. */
  static final class Lines implements AutoCloseable {
    private final WholeFile file;

    private Lines(WholeFile file) {
      this.file = file;
    }

    void add(Object row) {
      file.add(
          writer -> {
            writer.write(JSON_LINE.writeValueAsString(row));
            writer.write('\n');
          });
    }

    void finish() {
      file.finish();
    }

    @Override
    public void close() {
      file.close();
    }
  }

  private Path file(String name) {
    return folder.resolve(name);
  }
}
