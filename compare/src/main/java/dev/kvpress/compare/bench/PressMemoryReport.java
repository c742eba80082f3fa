package dev.kvpress.compare.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Peaks of all presses as a table and as JSON, and whether the target is met: at most {@value
 * #RATIO} times the peak of the prefill without signals and what the press asks for by its nature,
 * taken together.
 */
final class PressMemoryReport {
  static final double RATIO = 1.25;
  private static final double MIB = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final int tokens;
  private final int chunk;
  private final double ratio;
  private final List<Figures> without;
  private final List<Row> rows = new ArrayList<>();

  /** One press and all its runs. */
  record Row(String press, NaturalMemory nature, List<Figures> runs) {
    double peak() {
      return Figures.median(runs, "peak");
    }
  }

  /**
   * A table without rows.
   *
   * @param ratio fraction of the cache that presses are told to remove
   * @param without runs of the prefill without signals and without a press
   */
  PressMemoryReport(int tokens, int chunk, double ratio, List<Figures> without) {
    checkArgument(!without.isEmpty(), "the prefill without signals is needed");
    this.tokens = tokens;
    this.chunk = chunk;
    this.ratio = ratio;
    this.without = List.copyOf(without);
  }

  void add(String press, NaturalMemory nature, List<Figures> runs) {
    rows.add(new Row(press, nature, List.copyOf(runs)));
  }

  private double base() {
    return Figures.median(without, "peak");
  }

  /** Peak over what it is measured against. */
  private double ratioOf(Row row) {
    return row.peak() / (base() + row.nature().bytes());
  }

  List<Check> checks() {
    return rows.stream()
        .map(row -> new Check("peak of " + row.press(), ratioOf(row), RATIO, "x"))
        .toList();
  }

  /** The table for the terminal; a row of Markdown is a row of it. */
  String table() {
    StringBuilder text = new StringBuilder();
    text.append(
        "| press | prefill MiB | peak MiB | by nature | MiB | ratio | loaded MiB | removed | |\n");
    text.append("|---|---|---|---|---|---|---|---|---|\n");
    text.append(
        "| none (fused) | %.1f | %.1f | – | – | – | %.0f | – | |%n"
            .formatted(
                Figures.median(without, "prefill") / MIB,
                base() / MIB,
                Figures.median(without, "loaded") / MIB));
    for (Row row : rows) {
      text.append(
          "| `%s` | %.1f | %.1f | %s | %.1f | %.2f | %.0f | %.3f | %s |%n"
              .formatted(
                  row.press(),
                  Figures.median(row.runs(), "prefill") / MIB,
                  row.peak() / MIB,
                  row.nature().formula(),
                  row.nature().bytes() / MIB,
                  ratioOf(row),
                  Figures.median(row.runs(), "loaded") / MIB,
                  Figures.median(row.runs(), "removed"),
                  ratioOf(row) <= RATIO ? "met" : "MISSED"));
    }
    return text.toString();
  }

  /** All figures of all runs. */
  String json() throws JsonProcessingException {
    ObjectNode root = JSON.createObjectNode();
    root.put("measured", Instant.now().toString());
    root.put("java", Runtime.version().toString());
    root.put("cores", Runtime.getRuntime().availableProcessors());
    root.put("tokens", tokens).put("chunk", chunk).put("compression_ratio", ratio);
    root.put("limit", RATIO);
    runs(root.putObject("without").putArray("runs"), without);
    ArrayNode presses = root.putArray("presses");
    for (Row row : rows) {
      ObjectNode node = presses.addObject().put("press", row.press());
      ArrayNode nature = node.putArray("by_nature");
      row.nature()
          .terms()
          .forEach(
              term -> nature.addObject().put("formula", term.formula()).put("bytes", term.bytes()));
      node.put("peak", row.peak()).put("ratio", ratioOf(row)).put("met", ratioOf(row) <= RATIO);
      runs(node.putArray("runs"), row.runs());
    }
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private static void runs(ArrayNode into, List<Figures> runs) {
    runs.forEach(run -> run.values().forEach(into.addObject()::put));
  }
}
