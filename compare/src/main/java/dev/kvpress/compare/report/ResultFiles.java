package dev.kvpress.compare.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The files of one comparison in one folder. Each is either whole or as it was before. */
public final class ResultFiles {
  /** The cells with all figures. */
  public static final String RESULTS_JSON = "results.json";

  private static final JsonFactory JSON = new JsonFactory();

  private final Path folder;

  /** In a folder, which is made when the files are written. */
  public ResultFiles(Path folder) {
    this.folder = folder;
  }

  private interface Body {
    void write(JsonGenerator json) throws IOException;
  }

  /**
   * Writes all files.
   *
   * @param run provenance, the content of run.json
   * @throws IOException if the folder cannot be written
   */
  public void write(List<Cell> cells, List<SampleResult> samples, ObjectNode run)
      throws IOException {
    Files.createDirectories(folder);
    replace(RESULTS_JSON, pretty(json -> CellJson.write(json, cells)));
    replace("results.csv", CellCsv.of(cells));
    StringBuilder lines = new StringBuilder();
    for (SampleResult sample : samples) {
      lines.append(line(sample)).append('\n');
    }
    replace("samples.jsonl", lines.toString());
    replace(
        "run.json",
        JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(run)
            + "\n");
  }

  private static String line(SampleResult sample) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("method", sample.method());
      json.writeStringField("task", sample.task());
      json.writeStringField("data", sample.data());
      JsonFigures.write(json, "compression_ratio", sample.compressionRatio());
      JsonFigures.writeIfPresent(json, "budget", sample.budget());
      json.writeNumberField("sample", sample.sample());
      JsonFigures.write(json, "nll", sample.nll());
      JsonFigures.write(json, "nll_compressed", sample.nllCompressed());
      json.writeNumberField("tokens", sample.tokens());
      JsonFigures.write(json, "achieved_ratio", sample.achievedRatio());
      json.writeEndObject();
    }
    return text.toString();
  }

  private static String pretty(Body body) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.setPrettyPrinter(new DefaultPrettyPrinter());
      body.write(json);
    }
    return text + "\n";
  }

  private void replace(String name, String content) throws IOException {
    Path whole = Files.createTempFile(folder, "." + name, ".writing");
    try {
      Files.writeString(whole, content, StandardCharsets.UTF_8);
      move(whole, folder.resolve(name));
    } finally {
      Files.deleteIfExists(whole);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(
          from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
