package dev.kvpress.runtime.export;

import dev.kvpress.runtime.ModelException;
import dev.kvpress.runtime.file.FileFaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Names in a folder. */
final class FolderList {
  /** Model folders hold dozens; what is beyond this is another kind of folder. */
  private static final int MOST = 100_000;

  private FolderList() {}

  /** All of them, sorted. */
  static List<String> names(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.limit(MOST).map(f -> String.valueOf(f.getFileName())).sorted().toList();
    } catch (IOException e) {
      throw new ModelException(folder + ": cannot read: " + FileFaults.reason(e), e);
    }
  }

  /** The folders among them, sorted; links to folders count. */
  static List<Path> folders(Path folder) {
    return names(folder).stream().map(folder::resolve).filter(Files::isDirectory).toList();
  }
}
