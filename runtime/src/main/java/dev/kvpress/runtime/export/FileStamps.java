package dev.kvpress.runtime.export;

import dev.kvpress.runtime.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Size and time of files, by which one sees that somebody wrote to them while they were read. */
final class FileStamps {
  private final Map<Path, Stamp> stamps = new LinkedHashMap<>();

  private record Stamp(long bytes, FileTime modified) {
    static Stamp of(Path file) throws IOException {
      return new Stamp(Files.size(file), Files.getLastModifiedTime(file));
    }
  }

  private FileStamps() {}

  static FileStamps of(List<Path> files) throws IOException {
    FileStamps all = new FileStamps();
    for (Path file : files) {
      all.stamps.put(file, Stamp.of(file));
    }
    return all;
  }

  /**
   * Fails if a file is not as it was: what was read of it may be half one model and half another.
   */
  void requireUnchanged() throws IOException {
    for (Map.Entry<Path, Stamp> entry : stamps.entrySet()) {
      if (!Stamp.of(entry.getKey()).equals(entry.getValue())) {
        throw new ModelException(
            entry.getKey() + ": the file changed while it was read; try again when it is written");
      }
    }
  }
}
