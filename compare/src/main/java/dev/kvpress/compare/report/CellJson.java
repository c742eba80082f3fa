package dev.kvpress.compare.report;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;

/** results.json, schema version 1. A failed cell has null for every figure and says why. */
final class CellJson {
  static final int SCHEMA_VERSION = 1;

  private CellJson() {}

  static void write(JsonGenerator json, List<Cell> cells) throws IOException {
    json.writeStartObject();
    json.writeNumberField("schema_version", SCHEMA_VERSION);
    json.writeArrayFieldStart("cells");
    for (Cell cell : cells) {
      cell(json, cell);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void cell(JsonGenerator json, Cell cell) throws IOException {
    json.writeStartObject();
    json.writeStringField("method", cell.method());
    json.writeStringField("spec", cell.spec());
    json.writeStringField("task", cell.task());
    json.writeStringField("data", cell.data());
    JsonFigures.write(json, "compression_ratio", cell.compressionRatio());
    JsonFigures.writeIfPresent(json, "budget", cell.budget());
    for (FigureColumn column : FigureColumn.values()) {
      JsonFigures.write(
          json,
          column.field(),
          cell.figures().map(column::of).orElse(OptionalDouble.empty()),
          column.isCount());
    }
    if (cell.error().isPresent()) {
      json.writeStringField("error", cell.error().get());
    }
    if (!cell.warnings().isEmpty()) {
      json.writeArrayFieldStart("warnings");
      for (String warning : cell.warnings()) {
        json.writeString(warning);
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }
}
