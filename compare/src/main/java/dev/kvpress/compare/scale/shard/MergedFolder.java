package dev.kvpress.compare.scale.shard;

import dev.kvpress.compare.UsageException;
import dev.kvpress.compare.journal.FolderLock;
import dev.kvpress.compare.journal.Journal;
import dev.kvpress.compare.journal.PlanFiles;
import dev.kvpress.compare.journal.PlannedRun;
import dev.kvpress.compare.report.RenderedReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * An output folder of a merge. Everything is written into a hidden folder within it and moved when
 * all is there: results and plan, by which a finished folder is known, go first and come last, so
 * that a merge that is killed leaves no folder that looks finished and is not.
 */
final class MergedFolder implements AutoCloseable {
  private static final String STAGING = ".merge.part";

  /** Says, where there is no plan, that a merge took it away and was cut off. */
  private static final String MARK = ".merge";

  private static final String RESULTS = "results.json";

  /** What a finished folder is known by, in the order in which it comes. */
  private static final List<String> KNOWN_BY =
      List.of("run.json", "report.html", RESULTS, PlanFiles.PLAN);

  private final Path folder;
  private final FolderLock lock;

  private MergedFolder(Path folder, FolderLock lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Begins one.
   *
   * @param notices hears if somebody else's sign of life has to be waited for
   * @throws UsageException if a run of its own stands there, or another is writing there
   */
  static MergedFolder begin(Path folder, Consumer<String> notices) {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new UsageException(
          List.of(
              "--output: expected a folder, found the file %s; give another name"
                  .formatted(folder)));
    }
    requireNoRun(folder);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw cannot(folder, e);
    }
    FolderLock lock = FolderLock.take(folder, notices);
    boolean done = false;
    try {
      MergedFolder merged = new MergedFolder(folder, lock);
      delete(merged.staging());
      Files.createDirectory(merged.staging());
      done = true;
      return merged;
    } catch (IOException e) {
      throw cannot(folder, e);
    } finally {
      if (!done) {
        lock.close();
      }
    }
  }

  /**
   * A journal that is not of a merge is worth more than what would replace it.
   *
   * @throws UsageException if a run of its own stands there
   */
  static void requireNoRun(Path folder) {
    if (!Files.notExists(folder.resolve(Journal.FILE), LinkOption.NOFOLLOW_LINKS)
        && !isMerged(folder)) {
      throw new UsageException(
          List.of("--output: %s holds a run of its own; give another folder".formatted(folder)));
    }
    if (Files.exists(folder.resolve(RESULTS)) && !isMerged(folder)) {
      throw new UsageException(
          List.of(
              "--output: %s holds %s of something that is no merge; give another folder"
                  .formatted(folder, RESULTS)));
    }
  }

  private static boolean isMerged(Path folder) {
    if (!Files.exists(folder.resolve(PlanFiles.PLAN))) {
      return Files.exists(folder.resolve(MARK));
    }
    try (PlannedRun run = PlannedRun.open(folder)) {
      return run.plan().merged();
    }
  }

  /** Where everything is written. */
  Path staging() {
    return folder.resolve(STAGING);
  }

  /** Puts everything into its place. */
  void finish() {
    lock.requireHeld();
    try {
      Files.write(folder.resolve(MARK), new byte[0]);
      for (String name : KNOWN_BY) {
        Files.deleteIfExists(folder.resolve(name));
      }
      RenderedReport.discard(folder);
      for (Path file : files(staging())) {
        if (!KNOWN_BY.contains(String.valueOf(file.getFileName()))) {
          move(file);
        }
      }
      for (String name : KNOWN_BY) {
        move(staging().resolve(name));
      }
      Files.delete(folder.resolve(MARK));
    } catch (IOException e) {
      throw cannot(folder, e);
    }
  }

  private void move(Path file) throws IOException {
    Files.move(
        file,
        folder.resolve(String.valueOf(file.getFileName())),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static void delete(Path staging) throws IOException {
    if (Files.exists(staging)) {
      for (Path file : files(staging)) {
        Files.delete(file);
      }
      Files.delete(staging);
    }
  }

  private static UncheckedIOException cannot(Path folder, IOException e) {
    return new UncheckedIOException("cannot write " + folder, e);
  }

  /** Takes away what has not found its place. */
  @Override
  public void close() {
    try (lock) {
      delete(staging());
    } catch (IOException e) {
      throw cannot(folder, e);
    }
  }
}
