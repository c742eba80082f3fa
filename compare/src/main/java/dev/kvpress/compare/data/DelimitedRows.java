package dev.kvpress.compare.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import com.google.common.base.CharMatcher;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Comma- or tab-separated values, quoted as RFC 4180 says, with a header. All values are texts:
 * what a column should be decides the shape of the data.
 */
final class DelimitedRows implements Rows {
  /** What pandas calls the column of row numbers, whose name it leaves empty in files. */
  private static final String UNNAMED = "Unnamed: 0";

  /** A header that is one column for us and several for whoever wrote it. */
  private static final CharMatcher OTHER_SEPARATORS = CharMatcher.anyOf(";|,\t");

  private final String name;
  private final MappingIterator<String[]> cells;
  private final List<String> header;

  DelimitedRows(InputStream in, String name, char separator) {
    this.name = name;
    CsvMapper mapper =
        CsvMapper.builder(
                CsvFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
                    .build())
            .enable(CsvParser.Feature.WRAP_AS_ARRAY)
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .build();
    try {
      cells =
          mapper
              .readerFor(String[].class)
              .with(CsvSchema.emptySchema().withColumnSeparator(separator))
              // A decoder that reports: a file in another encoding is no file of odd texts.
              .readValues(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
      header = header();
    } catch (IOException e) {
      throw broken(e);
    } catch (RuntimeException e) {
      throw unwrapped(e);
    }
  }

  private List<String> header() {
    if (!cells.hasNext()) {
      throw new DataException(
          name + ": expected a header with the names of columns, found nothing");
    }
    String[] names = cells.next();
    if (names.length > 0 && names[0].isEmpty()) {
      names[0] = UNNAMED;
    }
    if (names.length == 1 && OTHER_SEPARATORS.matchesAnyOf(names[0])) {
      throw new DataException(
          "%s:1: expected columns separated by commas (.csv) or tabs (.tsv), found the one column '%s'; write it with these"
              .formatted(name, names[0]));
    }
    Set<String> seen = new HashSet<>();
    for (String column : names) {
      if (column.isBlank()) {
        throw new DataException(name + ":1: a column of the header has no name; give it one");
      }
      if (!seen.add(column)) {
        throw new DataException(
            "%s:1: column %s stands twice in the header; rename or remove one"
                .formatted(name, column));
      }
    }
    return List.copyOf(Arrays.asList(names));
  }

  @Override
  public Optional<Row> next() {
    try {
      if (!cells.hasNext()) {
        return Optional.empty();
      }
      int line = Math.max(1, cells.getCurrentLocation().getLineNr());
      String[] values = cells.next();
      if (values.length != header.size()) {
        throw new DataException(
            "%s:%d: expected %d values, as many as the header has columns, found %d; quote values that hold separators or line ends"
                .formatted(name, line, header.size(), values.length));
      }
      ObjectNode row = JsonNodeFactory.instance.objectNode();
      for (int i = 0; i < values.length; i++) {
        row.put(header.get(i), values[i]);
      }
      return Optional.of(new Row(name, line, row, false));
    } catch (DataException e) {
      throw e;
    } catch (RuntimeException e) {
      throw unwrapped(e);
    }
  }

  private DataException unwrapped(RuntimeException e) {
    return e instanceof DataException own
        ? own
        : e.getCause() instanceof IOException cause
            ? broken(cause)
            : new DataException(name + ": cannot be read: " + e.getMessage(), e);
  }

  private DataException broken(IOException e) {
    if (e instanceof CharacterCodingException) {
      return new DataException(
          name + ": expected UTF-8, found other bytes; convert the file to UTF-8", e);
    }
    if (e instanceof JsonProcessingException csv && csv.getLocation() != null) {
      return new DataException(
          "%s:%d: no well-formed row: %s"
              .formatted(name, csv.getLocation().getLineNr(), csv.getOriginalMessage()),
          e);
    }
    return new DataException(name + ": cannot be read: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    try {
      cells.close();
    } catch (IOException e) {
      throw broken(e);
    }
  }
}
