package dev.kvpress.compare.data;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * A text, split at lines that are {@code <|endoftext|>}: one row a piece, with the column {@code
 * text}. Pieces lose the line ends at their borders, blank ones are dropped.
 */
final class TextRows implements Rows {
  static final String SEPARATOR = "<|endoftext|>";
  private static final String COLUMN = "text";

  /** No model reads on so far; what is longer lacks its separators. */
  private static final int MAX_CHARACTERS = 1 << 28;

  private final String source;
  private final Utf8Lines lines;

  TextRows(Utf8Lines lines, String source) {
    this.lines = lines;
    this.source = source;
  }

  @Override
  public Optional<Row> next() {
    StringBuilder text = new StringBuilder();
    boolean blank = true;
    int first = 0;
    for (Optional<Line> line = lines.next(); line.isPresent(); line = lines.next()) {
      String content = line.get().text();
      if (content.strip().equals(SEPARATOR)) {
        if (!blank) {
          break;
        }
        text.setLength(0);
        first = 0;
        continue;
      }
      if (first == 0) {
        if (content.isEmpty()) {
          continue;
        }
        first = line.get().number();
      } else {
        text.append('\n');
      }
      text.append(content);
      blank &= content.isBlank();
      if (text.length() > MAX_CHARACTERS) {
        throw new DataException(
            "%s:%d: the document that begins here is longer than %d characters; separate documents by lines %s"
                .formatted(source, first, MAX_CHARACTERS, SEPARATOR));
      }
    }
    return blank ? Optional.empty() : Optional.of(row(text, first));
  }

  private Row row(StringBuilder text, int first) {
    int end = text.length();
    while (text.charAt(end - 1) == '\n') {
      end--;
    }
    text.setLength(end);
    ObjectNode values = JsonNodeFactory.instance.objectNode();
    values.put(COLUMN, text.toString());
    return new Row(source, first, values, true);
  }

  @Override
  public void close() {
    lines.close();
  }
}
