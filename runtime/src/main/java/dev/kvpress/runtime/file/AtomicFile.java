package dev.kvpress.runtime.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Files that are either whole or absent: written beside their place, synced, then moved there. What
 * a process that was killed has left half written is deleted by the next one that writes there.
 */
public final class AtomicFile {
  private static final String PREFIX = ".kvpress-";
  private static final String SUFFIX = ".tmp";

  /** Folders in which this process has looked for leftovers. */
  private static final Set<Path> SWEPT = ConcurrentHashMap.newKeySet();

  /** What this process writes now: to open and close such a file once more would unlock it. */
  private static final Set<Path> WRITING = ConcurrentHashMap.newKeySet();

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
    if (SWEPT.add(folder)) {
      sweepIfItCanBeRead(folder);
    }
    while (!written(folder, absolute, content)) {
      // Somebody who sweeps took the new file for a leftover before it was locked.
    }
  }

  private static void sweepIfItCanBeRead(Path folder) {
    try {
      sweep(folder);
    } catch (IOException e) {
      // Leftovers take room and harm nobody; the file is what is wanted.
    }
  }

  private static boolean written(Path folder, Path file, Content content) throws IOException {
    // Not Files.createTempFile: what that makes stays closed to everybody but its owner.
    Path temporary = folder.resolve(PREFIX + UUID.randomUUID() + SUFFIX);
    WRITING.add(temporary);
    // Open, and so locked, until it has its name: that tells it from what a dead process has left.
    try (FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      lock(channel);
      if (!Files.exists(temporary)) {
        return false;
      }
      content.write(channel);
      channel.force(true);
      move(temporary, file);
      return true;
    } finally {
      Files.deleteIfExists(temporary);
      WRITING.remove(temporary);
    }
  }

  /**
   * Deletes what processes that are no more have left half written in a folder; files that somebody
   * writes stay.
   */
  public static void sweep(Path folder) throws IOException {
    Path absolute = folder.toAbsolutePath();
    if (!Files.isDirectory(absolute)) {
      return;
    }
    try (DirectoryStream<Path> found = Files.newDirectoryStream(absolute, PREFIX + "*" + SUFFIX)) {
      for (Path file : found) {
        if (!WRITING.contains(file)) {
          deleteLeftover(file);
        }
      }
    }
  }

  private static void deleteLeftover(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      if (lock(channel)) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException | AccessDeniedException e) {
      // It has got its name meanwhile, or is another user's, who will sweep it.
    }
  }

  /** Whether it could be locked, which is left to closing to undo. */
  private static boolean lock(FileChannel channel) {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException | IOException e) {
      // Another thread sweeps too, or the file system has no locks and says nothing of its writers.
      return false;
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
