package dev.kvpress.compare.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** results.csv: the cells of results.json, one a line, quoted as RFC 4180 says. */
final class CellCsv {
  private CellCsv() {}

  static String of(List<Cell> cells) {
    StringBuilder text = new StringBuilder();
    List<String> header =
        new ArrayList<>(List.of("method", "spec", "task", "data", "compression_ratio", "budget"));
    for (FigureColumn column : FigureColumn.values()) {
      header.add(column.field());
    }
    header.add("error");
    line(text, header);
    for (Cell cell : cells) {
      List<String> fields = new ArrayList<>();
      fields.add(cell.method());
      fields.add(cell.spec());
      fields.add(cell.task());
      fields.add(cell.data());
      fields.add(
          cell.compressionRatio().isPresent()
              ? String.valueOf(cell.compressionRatio().getAsDouble())
              : "");
      fields.add(cell.budget().isPresent() ? String.valueOf(cell.budget().getAsInt()) : "");
      for (FigureColumn column : FigureColumn.values()) {
        fields.add(cell.figures().map(column::text).orElse(""));
      }
      fields.add(cell.error().orElse(""));
      line(text, fields);
    }
    return text.toString();
  }

  private static void line(StringBuilder text, List<String> fields) {
    text.append(fields.stream().map(CellCsv::quoted).collect(Collectors.joining(","))).append('\n');
  }

  private static String quoted(String field) {
    boolean plain = field.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? field : '"' + field.replace("\"", "\"\"") + '"';
  }
}
