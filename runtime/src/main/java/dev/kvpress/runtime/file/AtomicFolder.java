package dev.kvpress.runtime.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Folders of a cache that are either whole or absent. One is built under a name of its own and
 * renamed when it is whole; a name without {@code .building} therefore always means a whole folder,
 * whatever crashed, and of two processes that build the same one the second throws its work away.
 */
public final class AtomicFolder {
  private static final String BUILDING = ".building";
  private static final Duration ABANDONED = Duration.ofDays(1);

  private AtomicFolder() {}

  /** Fills a folder. */
  public interface Content {
    /** Writes all files of it into an empty folder. */
    void write(Path folder) throws IOException;
  }

  /** Tells whether everything is in a folder; somebody may have cleaned up by hand. */
  public interface Check {
    /** Whether nothing is missing. */
    boolean isWhole(Path folder) throws IOException;
  }

  /**
   * Makes a folder unless it is there and whole.
   *
   * @param cache the folder it lies in, made where it is missing
   */
  public static void require(Path cache, String name, Check check, Content content)
      throws IOException {
    Path folder = cache.resolve(name);
    if (check.isWhole(folder)) {
      return;
    }
    Files.createDirectories(cache);
    removeAbandoned(cache);
    Path building = Files.createTempDirectory(cache, name + BUILDING);
    try {
      content.write(building);
      publish(cache, building, folder, check);
    } finally {
      FolderTree.delete(building);
    }
  }

  /** Removes what crashed builds left behind, once nobody can be working on it any more. */
  private static void removeAbandoned(Path cache) throws IOException {
    Instant abandoned = Instant.now().minus(ABANDONED);
    List<Path> entries;
    try (var stream = Files.list(cache)) {
      entries = stream.filter(f -> f.toString().contains(BUILDING)).toList();
    }
    for (Path entry : entries) {
      if (Files.getLastModifiedTime(entry).toInstant().isBefore(abandoned)) {
        FolderTree.delete(entry);
      }
    }
  }

  /**
   * One at a time in this process: of two that found a damaged folder, the second must not take the
   * whole one of the first for it.
   */
  private static synchronized void publish(Path cache, Path building, Path folder, Check check)
      throws IOException {
    if (Files.exists(folder) && !check.isWhole(folder)) {
      // A damaged one makes way in one step; it is removed under a name that nobody reads.
      Path aside = Files.createTempDirectory(cache, folder.getFileName() + BUILDING);
      Files.move(folder, aside.resolve("damaged"), StandardCopyOption.ATOMIC_MOVE);
      FolderTree.delete(aside);
    }
    try {
      Files.move(building, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      // Another process was faster, which is as good.
      if (!check.isWhole(folder)) {
        throw e;
      }
    }
  }
}
