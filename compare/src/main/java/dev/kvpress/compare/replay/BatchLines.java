package dev.kvpress.compare.replay;

import dev.kvpress.compare.data.DataException;
import java.io.IOException;
import java.io.InputStream;

/**
 * The lines of a stream as streams of their own: reading ends where the line ends, so that a line
 * of any length is parsed without ever being held.
 */
final class BatchLines extends InputStream {
  private static final int CHUNK_BYTES = 1 << 16;

  private final InputStream in;
  private final String name;
  private final byte[] chunk = new byte[CHUNK_BYTES];
  private int position;
  private int limit;
  private int number;
  private boolean inLine;

  /**
   * Takes the stream, which stays the caller's to close.
   *
   * @param name what messages call it
   */
  BatchLines(InputStream in, String name) {
    this.in = in;
    this.name = name;
  }

  /**
   * Goes to the next line, over whatever was not read of this one.
   *
   * @return false at the end
   * @throws DataException if reading fails
   */
  boolean next() {
    while (inLine && fill()) {
      while (position < limit && chunk[position] != '\n') {
        position++;
      }
      leaveLineAtBreak();
    }
    inLine = fill();
    number += inLine ? 1 : 0;
    return inLine;
  }

  /** The number of the line, counted from 1. */
  int number() {
    return number;
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    if (!inLine || !fill()) {
      inLine = false;
      return -1;
    }
    int count = 0;
    while (count < length && position < limit && chunk[position] != '\n') {
      into[offset + count++] = chunk[position++];
    }
    leaveLineAtBreak();
    return count == 0 ? -1 : count;
  }

  private void leaveLineAtBreak() {
    if (position < limit && chunk[position] == '\n') {
      position++;
      inLine = false;
    }
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
}
