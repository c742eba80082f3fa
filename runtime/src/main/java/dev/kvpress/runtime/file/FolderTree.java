package dev.kvpress.runtime.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Folders with everything in them. */
public final class FolderTree {
  private FolderTree() {}

  /** Removes a folder and what is in it; does nothing where there is none. */
  public static void delete(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> entries;
    try (var stream = Files.walk(folder)) {
      entries = new ArrayList<>(stream.toList());
    }
    for (int i = entries.size() - 1; i >= 0; i--) {
      Files.deleteIfExists(entries.get(i));
    }
  }
}
