package dev.kvpress.compare.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.kvpress.compare.WholeFile;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Writes the files of a run; each appears whole or not at all. */
public final class ResultFiles {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
  private static final ObjectMapper JSON_LINE = new ObjectMapper();

  /** What tells figures; journal and plan stay. */
  private static final List<String> OF_RESULTS =
      List.of("results.json", "results.csv", "samples.jsonl", "run.json");

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

  /**
   * Takes away results of an earlier run that did something else, so that nobody takes them for
   * those of the run that is to come.
   *
   * @return whether there were any
   * @throws UncheckedIOException if they cannot be taken away
   */
  public boolean discard() {
    boolean there = Files.exists(file("results.json"));
    try {
      for (String name : OF_RESULTS) {
        Files.deleteIfExists(file(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: results of an earlier run cannot be taken away: %s"
              .formatted(folder, FileFaults.reason(e)),
          e);
    }
    RenderedReport.discard(folder);
    return there;
  }

  /** Writes run.json. */
  public void write(RunManifest manifest) {
    WholeFile.write(file("run.json"), writer -> JSON.writeValue(writer, manifest.toJson()));
  }

  /** Writes a file of JSON lines. */
  void lines(String name, Consumer<Lines> content) {
    WholeFile.write(file(name), writer -> content.accept(new Lines(file(name), writer)));
  }

  /**
   * A file of JSON lines that is being written.
   *
   * @param file for messages
   * @param writer what is written to
   */
  record Lines(Path file, Writer writer) {
    void add(Object row) {
      try {
        writer.write(JSON_LINE.writeValueAsString(row));
        writer.write('\n');
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write " + file, e);
      }
    }
  }

  private Path file(String name) {
    return folder.resolve(name);
  }
}
