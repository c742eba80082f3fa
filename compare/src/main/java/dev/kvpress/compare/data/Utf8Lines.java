package dev.kvpress.compare.data;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Lines of strict UTF-8 with their numbers, one in memory at a time. Lines end at LF or CR LF; a
 * byte order mark at the start is dropped.
 */
final class Utf8Lines implements Closeable {
  /** What a Java array holds leaves no room to decode more. */
  private static final int MAX_LINE_BYTES = 1 << 30;

  private static final int CHUNK_BYTES = 1 << 16;

  private final InputStream in;
  private final String name;
  private final byte[] chunk = new byte[CHUNK_BYTES];
  private int position;
  private int limit;
  private int number;

  private Utf8Lines(InputStream in, String name) {
    this.in = in;
    this.name = name;
  }

  static Utf8Lines open(Path file) {
    return new Utf8Lines(DataFile.open(file), file.toString());
  }

  static Utf8Lines of(InputStream in, String name) {
    return new Utf8Lines(in, name);
  }

  /** The next line without its end, or empty after the last one. */
  Optional<Line> next() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    boolean any = false;
    boolean ended = false;
    while (!ended && fill()) {
      any = true;
      int from = position;
      while (position < limit && chunk[position] != '\n') {
        position++;
      }
      if (bytes.size() > MAX_LINE_BYTES - (position - from)) {
        throw new DataException(
            name + ":" + (number + 1) + ": the line is longer than 1 GiB; split it");
      }
      bytes.write(chunk, from, position - from);
      if (position < limit) {
        position++;
        ended = true;
      }
    }
    if (!any) {
      return Optional.empty();
    }
    number++;
    return Optional.of(new Line(name, number, decode(bytes.toByteArray())));
  }

  private boolean fill() {
    if (position < limit) {
      return true;
    }
    try {
      position = 0;
      limit = in.read(chunk);
      return limit > 0;
    } catch (IOException e) {
      throw new DataException(
          name + ": cannot be read after line " + number + ": " + e.getMessage(), e);
    }
  }

  private String decode(byte[] line) {
    int from = 0;
    if (number == 1
        && line.length >= 3
        && line[0] == (byte) 0xEF
        && line[1] == (byte) 0xBB
        && line[2] == (byte) 0xBF) {
      from = 3;
    }
    int to = line.length;
    if (to > from && line[to - 1] == '\r') {
      to--;
    }
    ByteBuffer bytes = ByteBuffer.wrap(line, from, to - from);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      // The decoder leaves the buffer at the first byte it could not take.
      throw new DataException(
          name
              + ":"
              + number
              + ": expected UTF-8, found other bytes at byte "
              + (bytes.position() + 1)
              + " of the line; convert the file to UTF-8",
          e);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new DataException(name + ": cannot be closed: " + e.getMessage(), e);
    }
  }
}
