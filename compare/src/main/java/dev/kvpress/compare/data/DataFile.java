package dev.kvpress.compare.data;

import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Opens data files. */
public final class DataFile {
  private DataFile() {}

  /**
   * A stream of a file's bytes, which the caller closes.
   *
   * @throws DataException if it is absent, a folder or unreadable
   */
  public static InputStream open(Path file) {
    if (Files.isDirectory(file)) {
      throw new DataException(
          file + ": expected a data file, found a folder; give one of the files in it");
    }
    if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new DataException(file + ": no such file; check the path");
    }
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + FileFaults.reason(e), e);
    }
  }
}
