package dev.kvpress.compare.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import com.google.common.base.Joiner;
import dev.kvpress.compare.report.folder.WeightCost;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A row without nesting: the fields of results.json, with {@code NAME_n}, {@code NAME_value},
 * {@code NAME_delta}, {@code NAME_low}, {@code NAME_high} and, where there is one, {@code
 * NAME_error} for each metric in place of the nested object. Series are left to results.json.
 */
final class FlatRow {
  /** What stands behind the name of a metric. */
  static final List<String> PARTS = List.of("value", "n", "delta", "low", "high", "error");

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String METRICS = "metrics";
  private static final String SERIES = "series";
  private static final String WARNINGS = "warnings";
  private static final String WARNING_SEPARATOR = "; ";

  private FlatRow() {}

  /** Fields by name, in the order of results.json. */
  static ObjectNode of(CellRow row) {
    ObjectNode line = JSON.valueToTree(row);
    JsonNode metrics = line.remove(METRICS);
    line.remove(SERIES);
    line.put(WARNINGS, Joiner.on(WARNING_SEPARATOR).join(row.warnings()));
    metrics
        .properties()
        .forEach(
            metric ->
                metric
                    .getValue()
                    .properties()
                    .forEach(
                        part -> line.set(metric.getKey() + "_" + part.getKey(), part.getValue())));
    return line;
  }

  /** What the weights cost stands in the row of the full cache, which it is a figure of. */
  private static boolean isOf(WeightCost cost, CellRow row) {
    return row.task().equals(cost.task())
        && row.data().equals(cost.data())
        && row.spec().equals(cost.spec());
  }

  private static void addTo(ObjectNode line, WeightCost cost) {
    line.put("weights", cost.weights());
    line.put("reference_weights", cost.reference());
    line.put("reference_perplexity", cost.referencePerplexity());
    line.put("reference_delta_nll", cost.deltaNll());
    line.put("reference_delta_nll_low", cost.low());
    line.put("reference_delta_nll_high", cost.high());
    line.put("reference_missing", cost.missing());
  }

  /** Rows as comma-separated values with a header. */
  static void writeCsv(Writer writer, List<CellRow> rows, List<WeightCost> weights)
      throws IOException {
    Set<String> columns = new LinkedHashSet<>();
    List<ObjectNode> flat = new ArrayList<>();
    for (CellRow row : rows) {
      ObjectNode line = of(row);
      weights.stream().filter(cost -> isOf(cost, row)).forEach(cost -> addTo(line, cost));
      line.fieldNames().forEachRemaining(columns::add);
      flat.add(line);
    }
    CsvSchema.Builder schema = CsvSchema.builder();
    columns.forEach(schema::addColumn);
    CsvMapper csv = new CsvMapper();
    csv.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    csv.writer(schema.build().withHeader()).writeValues(writer).writeAll(flat).flush();
  }
}
