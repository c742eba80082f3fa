package dev.kvpress.compare.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.WeightCost;
import dev.kvpress.compare.task.PerplexityTask;
import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The rows of a results.json, for the table. */
public final class StoredRows {
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private static final Set<String> UNREAL = Set.of("NaN", "Infinity", "-Infinity");

  private StoredRows() {}

  /**
   * Reads them back.
   *
   * @throws DataException if they are not as they were written
   */
  public static List<CellRow> read(Path folder) {
    Path file = folder.resolve("results.json");
    try (InputStream in = Files.newInputStream(file)) {
      JsonNode cells = JSON.readTree(in).path("cells");
      List<CellRow> rows = new ArrayList<>();
      for (JsonNode cell : cells) {
        rows.add(row(cell, "%s: cells[%d]: ".formatted(file, rows.size())));
      }
      return rows;
    } catch (JsonProcessingException e) {
      throw new DataException(
          file + ": expected a JSON object, found broken JSON; run the comparison again", e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileFaults.reason(e), e);
    }
  }

  /**
   * What the format of the weights costs, read back; empty where the run had nothing to tell.
   *
   * @throws DataException if it is not as it was written
   */
  public static List<WeightCost> weights(Path folder) {
    return ResultFolder.weights(folder);
  }

  private static CellRow row(JsonNode cell, String place) {
    try {
      complete(cell);
      return JSON.treeToValue(cell, CellRow.class);
    } catch (JsonMappingException e) {
      String field =
          e.getPath().stream()
              .map(Reference::getFieldName)
              .filter(Objects::nonNull)
              .collect(Collectors.joining("."));
      throw new DataException(
          place
              + (field.isEmpty() ? "" : field + ": ")
              + "expected it as compare writes it, found another value; run the comparison again",
          e);
    } catch (JsonProcessingException | UnsupportedOperationException e) {
      throw new DataException(
          place + "expected a row of a comparison, found something else; run the comparison again",
          e);
    }
  }

  /** Older files hold figures that are no numbers, which are told like those that are not there. */
  private static void leaveOutUnreal(ObjectNode fields) {
    List<String> unreal = new ArrayList<>();
    fields
        .properties()
        .forEach(
            field -> {
              if (UNREAL.contains(field.getValue().asText())) {
                unreal.add(field.getKey());
              }
            });
    fields.remove(unreal);
  }

  /** Rows from before there were tasks hold one figure, beside the metrics and not among them. */
  private static void complete(JsonNode cell) {
    cell.withObject("/series");
    cell.withArray("/warnings");
    leaveOutUnreal((ObjectNode) cell);
    if (!cell.path("metrics").isObject()) {
      ObjectNode metrics = cell.withObject("/metrics");
      JsonNode value = cell.path(PerplexityTask.PERPLEXITY);
      if (value.isNumber()) {
        metrics
            .putObject(PerplexityTask.PERPLEXITY)
            .put("value", value.doubleValue())
            .put("n", cell.path("samples").asInt());
      }
    }
    ObjectNode metrics = cell.withObject("/metrics");
    metrics.forEach(
        metric -> {
          if (metric instanceof ObjectNode fields) {
            leaveOutUnreal(fields);
          }
        });
    // What is not there would be read as 0, and 0 is a figure.
    metrics.removeIf(metric -> !metric.path("value").isNumber());
  }
}
