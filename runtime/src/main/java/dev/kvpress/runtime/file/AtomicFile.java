package dev.kvpress.runtime.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Files that are either whole or absent: written beside their place, synced, then moved there. */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes the content of a file. */
  public interface Content {
    /** Writes all of it, from the first byte. */
    void write(FileChannel out) throws IOException;
  }

  /** Writes a file of this name, or leaves what was there. */
  public static void write(Path file, Content content) throws IOException {
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IOException(file + " is no file name");
    }
    Files.createDirectories(folder);
    // Not Files.createTempFile: what that makes stays closed to everybody but its owner.
    Path temporary = folder.resolve(".kvpress-" + UUID.randomUUID() + ".tmp");
    try {
      writeSynced(temporary, content);
      move(temporary, absolute);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Writes a file and waits until it is on the disk. */
  public static void writeSynced(Path file, Content content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      content.write(channel);
      channel.force(true);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Writes a whole buffer. */
  public static void writeFully(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
