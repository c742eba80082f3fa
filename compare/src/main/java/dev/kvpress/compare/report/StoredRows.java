package dev.kvpress.compare.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvpress.compare.data.DataException;
import dev.kvpress.compare.report.folder.ResultFolder;
import dev.kvpress.compare.report.folder.WeightCost;
import dev.kvpress.compare.task.PerplexityTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The rows of a results.json, for the table. */
public final class StoredRows {
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private StoredRows() {}

  /**
   * Reads them back.
   *
   * @throws DataException if they are not as they were written
   */
  public static List<CellRow> read(Path folder) {
    Path file = folder.resolve("results.json");
    try {
      JsonNode cells = JSON.readTree(file.toFile()).path("cells");
      cells.forEach(StoredRows::complete);
      return List.of(JSON.treeToValue(cells, CellRow[].class));
    } catch (JsonProcessingException e) {
      throw new DataException(
          file + ": expected the rows of a comparison, found " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
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

  /** Rows from before there were tasks hold one figure, beside the metrics and not among them. */
  private static void complete(JsonNode cell) {
    cell.withObject("/series");
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
  }
}
