package dev.kvpress.compare.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Folders that all processes of a host share, each whole or absent: filled under another name,
 * renamed when it is whole. A name tells the content, so what is there is never written again.
 * While one process fills a folder, others that want the same wait instead of fetching it too.
 *
 * @param root the folder they lie in, made where it is missing
 */
record HostCache(Path root) {
  private static final String PART = ".part";
  private static final String LOCK = ".lock";

  /** What comes into a folder. */
  interface Content {
    /** Writes all of it into an empty folder. */
    void write(Path folder) throws IOException;
  }

  /**
   * Gives a folder, filling it if it is not there.
   *
   * @throws UncheckedIOException if it cannot be filled; nothing is left of it then
   */
  Path folder(String name, Content content) {
    Path folder = root.resolve(name);
    if (Files.isDirectory(folder)) {
      return folder;
    }
    // File locks are held by whole processes: threads of one must not ask for the same twice.
    synchronized (HostCache.class) {
      try {
        Files.createDirectories(root);
        try (FileChannel channel =
                FileChannel.open(
                    root.resolve(name + LOCK),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock lock = channel.lock()) {
          if (lock.isValid() && !Files.isDirectory(folder)) {
            fill(name, folder, content);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot fill %s: %s".formatted(folder, reason(e)), e);
      }
    }
    return folder;
  }

  /** A folder whose name may begin with {@code ~}, the home of whoever runs this process. */
  static Path path(String name) {
    return name.equals("~") || name.startsWith("~/")
        ? Path.of(System.getProperty("user.home", "."))
            .resolve(name.substring(1).replaceFirst("^/", ""))
        : Path.of(name);
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private void fill(String name, Path folder, Content content) throws IOException {
    // Of processes that were killed while they filled it: nobody else does so under the lock.
    for (Path left : parts(name)) {
      delete(left);
    }
    Path part = Files.createTempDirectory(root, name + PART);
    try {
      content.write(part);
      Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      delete(part);
    }
  }

  private List<Path> parts(String name) throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith(name + PART))
          .toList();
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return;
    }
    List<Path> entries;
    try (Stream<Path> walk = Files.walk(folder)) {
      entries = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path entry : entries) {
      Files.deleteIfExists(entry);
    }
  }
}
