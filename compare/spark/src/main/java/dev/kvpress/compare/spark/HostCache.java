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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Folders that all processes of a host share, each whole or absent: filled under another name,
 * renamed when it is whole. A name tells the content, so what is there is never written again,
 * unless it is no longer what was written ({@link FolderList}): then it is filled anew. While one
 * process fills a folder, others that want the same wait instead of fetching it too.
 *
 * @param root the folder they lie in, made where it is missing
 * @param notices takes remarks
 */
record HostCache(Path root, Consumer<String> notices) {
  private static final String PART = ".part";
  private static final String LOCK = ".lock";

  /** Folders that this process has read or written. */
  private static final Set<Path> READ = ConcurrentHashMap.newKeySet();

  /** One whose remarks go to the log. */
  HostCache(Path root) {
    this(root, System.err::println);
  }

  /** What comes into a folder. */
  interface Content {
    /** Writes all of it into an empty folder. */
    void write(Path folder) throws IOException;
  }

  /**
   * Gives a folder, filling it if it is not there or is not as it was filled.
   *
   * @throws UncheckedIOException if it cannot be filled; nothing is left of it then
   */
  Path folder(String name, Content content) {
    Path folder = root.resolve(name);
    // File locks are held by whole processes: threads of one must not ask for the same twice.
    synchronized (HostCache.class) {
      try {
        if (isAsFilled(folder)) {
          return folder;
        }
        requireFolder();
        try (FileChannel channel =
                FileChannel.open(
                    root.resolve(name + LOCK),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock lock = channel.lock()) {
          if (lock.isValid() && !isAsFilled(folder)) {
            fill(name, folder, content);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(
            "--host-cache: cannot fill %s: %s".formatted(folder, reason(e)), e);
      }
    }
    return folder;
  }

  private void requireFolder() throws IOException {
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new IOException(
          "expected a folder that can be written, found %s"
              .formatted(
                  Files.isRegularFile(root)
                      ? "the file " + root
                      : "none at %s (%s)".formatted(root, reason(e))),
          e);
    }
  }

  /** Whether a folder is there and holds what was written. */
  private static boolean isAsFilled(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    Path known = folder.toAbsolutePath();
    if (FolderList.difference(folder, !READ.contains(known)).isPresent()) {
      return false;
    }
    READ.add(known);
    return true;
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
      FolderList.write(part);
      if (Files.isDirectory(folder)) {
        notices.accept(
            "%s: %s; it is filled anew"
                .formatted(folder, FolderList.difference(folder, true).orElse("")));
        // Whoever has files of it open keeps them.
        Files.move(
            folder,
            Files.createTempDirectory(root, name + PART).resolve("old"),
            StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE);
      READ.add(folder.toAbsolutePath());
      for (Path left : parts(name)) {
        delete(left);
      }
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
