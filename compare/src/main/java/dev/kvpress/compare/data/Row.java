package dev.kvpress.compare.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * One row of a data file, asked for by column; a column that is null counts as absent. Every
 * complaint names file, line and column.
 *
 * @param source name of the file, for messages
 * @param line where the row begins, from 1; in Parquet its number
 * @param values the columns in file order
 * @param typed whether the container tells numbers and lists from texts; CSV does not
 * @param part which part of the row the columns are of, for messages; empty: all of it
 */
public record Row(String source, int line, ObjectNode values, boolean typed, String part) {
  private static final String WRAPPER = "request";

  /** Checks the ranges. */
  public Row {
    Objects.requireNonNull(source, "source is null");
    Objects.requireNonNull(values, "values is null");
    Objects.requireNonNull(part, "part is null");
    if (line < 1) {
      throw new IllegalArgumentException("line must be at least 1, found " + line);
    }
  }

  /** A whole row. */
  public Row(String source, int line, ObjectNode values, boolean typed) {
    this(source, line, values, typed, "");
  }

  /**
   * The fields of an object within the row, asked for as columns are.
   *
   * @param place of the object in the row, for messages
   */
  public Row within(String place, ObjectNode fields) {
    return new Row(source, line, fields, typed, part.isEmpty() ? place : part + "." + place);
  }

  /**
   * A row of a container that knows types. Where a request is wrapped as {@code {"request": {…}}},
   * as in HELM's and the H2O repository's files, its fields are columns, before those beside it.
   */
  static Row of(String source, int line, ObjectNode values) {
    if (!(values.get(WRAPPER) instanceof ObjectNode request)) {
      return new Row(source, line, values, true);
    }
    ObjectNode flat = request.deepCopy();
    for (Map.Entry<String, JsonNode> beside : values.properties()) {
      if (!beside.getKey().equals(WRAPPER) && !flat.has(beside.getKey())) {
        flat.set(beside.getKey(), beside.getValue());
      }
    }
    return new Row(source, line, flat, true);
  }

  /** Whether a column is there and not null. */
  public boolean has(String column) {
    return value(column).isPresent();
  }

  /** A value as it is. */
  public Optional<JsonNode> value(String column) {
    JsonNode value = values.get(column);
    return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  /** A value that must be there. */
  public JsonNode required(String column) {
    return value(column).orElseThrow(() -> missing(column));
  }

  /** A text that must be there. */
  public String text(String column) {
    return text(column, required(column));
  }

  /** A text that must be there and hold more than white space. */
  public String nonBlank(String column) {
    String text = text(column);
    if (text.isBlank()) {
      throw error(column + ": expected a text, found a blank one; leave the row out");
    }
    return text;
  }

  /** A text, if it is there; a number counts as one. */
  public Optional<String> optional(String column) {
    return value(column).map(value -> value.isNumber() ? value.asText() : text(column, value));
  }

  /** A text or a list of texts, numbers counting as texts; empty where the column is absent. */
  public ImmutableList<String> texts(String column) {
    return value(column).map(value -> texts(column, value)).orElse(ImmutableList.of());
  }

  /** A text or a list of texts, numbers counting as texts. */
  public ImmutableList<String> texts(String column, JsonNode value) {
    if (!value.isArray()) {
      return ImmutableList.of(textOrNumber(column, value));
    }
    ImmutableList.Builder<String> texts = ImmutableList.builder();
    for (int i = 0; i < value.size(); i++) {
      texts.add(textOrNumber(column + "[" + i + "]", value.get(i)));
    }
    return texts.build();
  }

  /** A whole number of at least 1, if it is there. */
  public OptionalInt positive(String column) {
    Optional<JsonNode> value = value(column);
    if (value.isEmpty()) {
      return OptionalInt.empty();
    }
    double number = value.get().doubleValue();
    // Python writes counts that went through a table of floats as 128.0.
    if (!value.get().isNumber()
        || number != Math.rint(number)
        || number < 1
        || number > Integer.MAX_VALUE) {
      throw wrong(column, "a whole number of at least 1", value.get());
    }
    return OptionalInt.of((int) number);
  }

  /** A number, if it is there. */
  public OptionalDouble number(String column) {
    Optional<JsonNode> value = value(column);
    if (value.isEmpty()) {
      return OptionalDouble.empty();
    }
    if (!value.get().isNumber() || !Double.isFinite(value.get().doubleValue())) {
      throw wrong(column, "a finite number", value.get());
    }
    return OptionalDouble.of(value.get().doubleValue());
  }

  /** The beginning of a message about this row: file, line, part, colon. */
  public String place() {
    return source + ":" + line + ": " + (part.isEmpty() ? "" : part + ": ");
  }

  /** Where a sample of this row comes from. */
  public Origin origin(int index) {
    return new Origin(index, source, line);
  }

  /** The error that a column is not there. */
  public DataException missing(String column) {
    String found = Joiner.on(", ").join(values.fieldNames());
    return error(
        "expected a value in column %s, found %s; add it or leave the row out"
            .formatted(
                column,
                values.has(column) ? "null" : found.isEmpty() ? "no column" : "only " + found));
  }

  /** The error that a value is not what it should be. */
  public DataException wrong(String column, String expected, JsonNode found) {
    return error(column + ": expected " + expected + ", found " + JsonKinds.shown(found));
  }

  /** An error about this row. */
  public DataException error(String message) {
    return new DataException(place() + message);
  }

  private String text(String column, JsonNode value) {
    if (!value.isTextual()) {
      throw wrong(column, "a string", value);
    }
    return value.textValue();
  }

  private String textOrNumber(String column, JsonNode value) {
    return value.isNumber() ? value.asText() : text(column, value);
  }
}
