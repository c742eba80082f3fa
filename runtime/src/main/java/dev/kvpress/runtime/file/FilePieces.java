package dev.kvpress.runtime.file;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;

/** Pieces of large files, each on a page of its own so that it can be mapped. */
public final class FilePieces {
  private static final long PAGE = 4096;

  private FilePieces() {}

  /** The first byte of the page at or behind an end. */
  public static long nextPage(long end) {
    return (end + PAGE - 1) / PAGE * PAGE;
  }

  /**
   * Copies a piece to where a file is being written.
   *
   * @param offset of the piece
   * @param bytes of the piece
   * @throws EOFException if the file ends before the piece
   */
  public static void copy(FileChannel in, long offset, long bytes, FileChannel out)
      throws IOException {
    long copied = 0;
    while (copied < bytes) {
      long some = in.transferTo(offset + copied, bytes - copied, out);
      if (some <= 0) {
        throw new EOFException("the file ended while it was copied");
      }
      copied += some;
    }
  }
}
