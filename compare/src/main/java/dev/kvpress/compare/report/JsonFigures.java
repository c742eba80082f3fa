package dev.kvpress.compare.report;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Writes numbers that JSON may lack: absent ones as null, non-finite ones as words. */
final class JsonFigures {
  private JsonFigures() {}

  static void write(JsonGenerator json, String field, double value) throws IOException {
    if (Double.isNaN(value)) {
      json.writeStringField(field, "nan");
    } else if (Double.isInfinite(value)) {
      json.writeStringField(field, value > 0 ? "inf" : "-inf");
    } else {
      json.writeNumberField(field, value);
    }
  }

  static void write(JsonGenerator json, String field, OptionalDouble value) throws IOException {
    if (value.isPresent()) {
      write(json, field, value.getAsDouble());
    } else {
      json.writeNullField(field);
    }
  }

  static void write(JsonGenerator json, String field, OptionalDouble value, boolean count)
      throws IOException {
    if (count && value.isPresent()) {
      json.writeNumberField(field, (long) value.getAsDouble());
    } else {
      write(json, field, value);
    }
  }

  /** Only where there is one: most cells have no such field. */
  static void writeIfPresent(JsonGenerator json, String field, OptionalInt value)
      throws IOException {
    if (value.isPresent()) {
      json.writeNumberField(field, value.getAsInt());
    }
  }
}
