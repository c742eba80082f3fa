package dev.kvpress.compare.data;

import java.util.Optional;

/** One JSON object a line; blank lines are passed over, but counted. */
final class JsonLineRows implements Rows {
  private final JsonLines lines;

  JsonLineRows(JsonLines lines) {
    this.lines = lines;
  }

  @Override
  public Optional<Row> next() {
    return lines.next().map(line -> Row.of(line.source(), line.number(), line.object()));
  }

  @Override
  public void close() {
    lines.close();
  }
}
