package dev.kvpress.compare.data;

import java.io.Closeable;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file of JSON lines, read line by line. Blank lines are passed over, but counted. A line is
 * parsed only when its {@link Line#object()} is asked for, so a caller can answer for a broken line
 * and go on with the next.
 */
public final class JsonLines implements Closeable {
  private final Utf8Lines lines;

  private JsonLines(Utf8Lines lines) {
    this.lines = lines;
  }

  /**
   * Opens a file.
   *
   * @throws DataException if it is absent, a folder or unreadable
   */
  public static JsonLines open(Path file) {
    return new JsonLines(Utf8Lines.open(file));
  }

  /**
   * Reads from a stream, which {@link #close()} closes.
   *
   * @param name what messages call the stream
   */
  public static JsonLines of(InputStream in, String name) {
    return new JsonLines(Utf8Lines.of(in, name));
  }

  /**
   * The next line that is not blank, or empty at the end.
   *
   * @throws DataException if the line is not UTF-8 (the next call goes on behind it) or reading
   *     fails
   */
  public Optional<Line> next() {
    Optional<Line> line = lines.next();
    while (line.isPresent() && line.get().isBlank()) {
      line = lines.next();
    }
    return line;
  }

  @Override
  public void close() {
    lines.close();
  }
}
